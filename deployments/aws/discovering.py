"""Reading an account for an environment that nobody has typed in: what belongs to a service."""

from collections.abc import Collection

from deployments.aws import values
from deployments.aws.calling import chunks
from deployments.aws.codedeploy_answers import group_from
from deployments.aws.codedeploy_values import DeploymentGroup
from deployments.aws.ecs import Ecs

GROUPS_A_CALL = 100
NAMES_A_CALL = 100
TARGET_GROUPS_A_CALL = 20


class Discovering(Ecs):
    def clusters(self) -> tuple[str, ...]:
        """Names."""
        pages = self.pages("ecs", "ListClusters", maxResults=NAMES_A_CALL)
        return tuple(sorted(arn.rsplit("/", 1)[-1] for page in pages for arn in page["clusterArns"]))

    def service_names(self, cluster: str) -> tuple[str, ...]:
        names: list[str] = []
        for page in self.pages("ecs", "ListServices", cluster=cluster, maxResults=NAMES_A_CALL):
            names += [arn.rsplit("/", 1)[-1] for arn in page["serviceArns"]]
        return tuple(sorted(names))

    def load_balancers_of(self, target_groups: Collection[str]) -> dict[str, tuple[str, ...]]:
        """ARNs by that of the target group, twenty a call. Raises NotFound where one is gone."""
        found: dict[str, tuple[str, ...]] = {}
        for some in chunks(target_groups, TARGET_GROUPS_A_CALL):
            answer = self.call("elbv2", "DescribeTargetGroups", TargetGroupArns=some)
            found |= {raw["TargetGroupArn"]: tuple(raw.get("LoadBalancerArns", [])) for raw in answer["TargetGroups"]}
        return found

    def load_balancer_names(self, arns: Collection[str]) -> dict[str, str]:
        """DNS names by ARN."""
        found: dict[str, str] = {}
        for some in chunks(arns, 20):
            answer = self.call("elbv2", "DescribeLoadBalancers", LoadBalancerArns=some)
            found |= {raw["LoadBalancerArn"]: raw["DNSName"] for raw in answer["LoadBalancers"]}
        return found

    def network_listeners(self, load_balancer: str) -> tuple[values.NetworkListener, ...]:
        found = []
        for page in self.pages("elbv2", "DescribeListeners", LoadBalancerArn=load_balancer):
            for raw in page["Listeners"]:
                groups = {
                    group
                    for action in raw.get("DefaultActions", ())
                    for group in (
                        action.get("TargetGroupArn", ""),
                        *(each["TargetGroupArn"] for each in action.get("ForwardConfig", {}).get("TargetGroups", ())),
                    )
                }
                found.append(
                    values.NetworkListener(
                        arn=raw["ListenerArn"],
                        port=raw.get("Port", 0),
                        protocol=raw.get("Protocol", ""),
                        target_groups=tuple(sorted(groups - {""})),
                    )
                )
        return tuple(sorted(found, key=lambda listener: listener.port))

    def codedeploy_applications(self) -> tuple[str, ...]:
        pages = self.pages("codedeploy", "ListApplications")
        return tuple(sorted(name for page in pages for name in page.get("applications", [])))

    def deployment_groups(self, application: str) -> tuple[DeploymentGroup, ...]:
        names = [
            name
            for page in self.pages("codedeploy", "ListDeploymentGroups", applicationName=application)
            for name in page.get("deploymentGroups", [])
        ]
        found: list[DeploymentGroup] = []
        for some in chunks(sorted(names), GROUPS_A_CALL):
            answer = self.call(
                "codedeploy", "BatchGetDeploymentGroups", applicationName=application, deploymentGroupNames=some
            )
            found += [group_from(raw) for raw in answer.get("deploymentGroupsInfo", [])]
        return tuple(found)

    def alarms_about(self, dimensions: Collection[str]) -> tuple[str, ...]:
        """Names of metric alarms with one of these as the value of a dimension, in the metric or in its math.

        Not those that automatic scaling made for itself: one of each pair is in ALARM whenever there is little to do.
        """
        wanted, found = set(dimensions), []
        for page in self.pages("cloudwatch", "DescribeAlarms", AlarmTypes=["MetricAlarm"]):
            for raw in page["MetricAlarms"]:
                if any(":scalingPolicy:" in action for action in raw.get("AlarmActions", [])):
                    continue
                metrics = [raw, *(m["MetricStat"]["Metric"] for m in raw.get("Metrics", []) if "MetricStat" in m)]
                if wanted & {d["Value"] for metric in metrics for d in metric.get("Dimensions", [])}:
                    found.append(raw["AlarmName"])
        return tuple(sorted(found))
