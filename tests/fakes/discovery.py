"""Reading the in-memory account for an environment that nobody has typed in."""

from collections.abc import Collection, Mapping

from deployments.aws import values
from deployments.aws.codedeploy_values import DeploymentGroup
from tests.fakes.codedeploy import CodeDeployed

FIRST_PORT = 80


class Discovered(CodeDeployed):
    def __init__(self) -> None:
        super().__init__()
        #: alarm name -> values of its dimensions
        self.alarms_look_at: dict[str, set[str]] = {}
        #: of Network Load Balancers, by their ARNs
        #: listeners of HTTPS, by their ARNs
        self.https: set[str] = set()
        #: by listener or rule of VPC Lattice
        self.lattice: dict[str, dict[str, int]] = {}
        self.network: dict[str, tuple[values.NetworkListener, ...]] = {}

    def clusters(self) -> tuple[str, ...]:
        self._called("clusters")
        return tuple(sorted({place for place, _ in self.ecs}))

    def load_balancers_of(self, target_groups: Collection[str]) -> Mapping[str, tuple[str, ...]]:
        self._called("load_balancers_of")
        return {arn: self._get(self.groups, arn, "DescribeTargetGroups").load_balancer_arns for arn in target_groups}

    def service_names(self, cluster: str) -> tuple[str, ...]:
        self._called("service_names")
        return tuple(sorted(name for place, name in self.ecs if place == cluster))

    def routes(self, load_balancer: str) -> tuple[values.Route, ...]:
        """Listeners have the ports 80, 81, ... in the order of their ARNs."""
        self._called("routes")
        place = load_balancer.split(":loadbalancer/")[-1]
        rules = [rule for rule in self.rules.values() if f":listener-rule/{place}/" in rule.arn]
        ports = {arn: FIRST_PORT + n for n, arn in enumerate(sorted({rule.listener_arn for rule in rules}))}
        found = [
            values.Route(
                listener=rule.listener_arn,
                port=ports[rule.listener_arn],
                protocol="HTTPS" if rule.listener_arn in self.https else "HTTP",
                rule=rule,
            )
            for rule in rules
        ]
        return tuple(sorted(found, key=lambda route: route.port))

    def network_listeners(self, load_balancer: str) -> tuple[values.NetworkListener, ...]:
        self._called("network_listeners")
        return self.network.get(load_balancer, ())

    def lattice_weights(self, rule: str) -> Mapping[str, int]:
        self._called("lattice_weights")
        return self.lattice[rule]

    def load_balancer_names(self, arns: Collection[str]) -> Mapping[str, str]:
        self._called("load_balancer_names")
        return {arn: f"{arn.split('/')[-2]}.elb.example" for arn in arns}

    def target_groups_named(self, names: Collection[str]) -> Mapping[str, values.TargetGroup]:
        self._called("target_groups_named")
        named = {group.name: group for group in self.groups.values()}
        return {name: self._get(named, name, "DescribeTargetGroups") for name in names}

    def codedeploy_applications(self) -> tuple[str, ...]:
        self._called("codedeploy_applications")
        return tuple(sorted({application for application, _ in self.codedeploy_groups}))

    def deployment_groups(self, application: str) -> tuple[DeploymentGroup, ...]:
        self._called("deployment_groups")
        groups = self.codedeploy_groups.items()
        return tuple(group for (its, _), group in sorted(groups) if its == application)

    def alarms_about(self, dimensions: Collection[str]) -> tuple[str, ...]:
        self._called("alarms_about")
        return tuple(sorted(name for name, looks_at in self.alarms_look_at.items() if looks_at & set(dimensions)))
