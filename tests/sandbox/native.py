"""A service that ECS deploys to by itself, behind a load balancer of its own, and short ways to talk about it."""

import contextlib
import itertools
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from sandbox.server import Sandbox
from sandbox.world import balancing
from tests.sandbox.conftest import eventually
from tests.sandbox.shop import CLUSTER, network, registered

FAST = 120  # a minute takes half a second
PRODUCTION, TEST = 80, 81  # privileged, so that the local ports are free ones
TERMINAL = ("SUCCESSFUL", "STOPPED", "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED")


class Native:
    """``configuration`` is the deploymentConfiguration of the service."""

    def __init__(
        self,
        sandbox: Sandbox,
        *,
        version: str = "1.0.0",
        count: int = 1,
        lattice: Sequence[dict[str, Any]] = (),
        **configuration: Any,
    ) -> None:
        self.sandbox = sandbox
        self.ecs, self.elb = sandbox.client("ecs"), sandbox.client("elbv2")
        self.name = f"native-{uuid.uuid4().hex[:6]}"
        world = sandbox.control.world
        self.balancer = balancing.load_balancer(self.elb, self.name, world["network"])
        self.blue, self.green = (
            balancing.target_group(self.elb, f"{self.name}-{slot}", world["network"]) for slot in ("blue", "green")
        )
        self.production, self.test = (
            balancing.listener(self.elb, self.balancer, port, self.blue, self.green)["rule"]
            for port in (PRODUCTION, TEST)
        )
        self.role = role(sandbox)
        self.ecs.create_service(
            cluster=CLUSTER,
            serviceName=self.name,
            taskDefinition=registered(self.ecs, version),
            desiredCount=count,
            launchType="FARGATE",
            networkConfiguration=network(sandbox),
            loadBalancers=[self.load_balancer()],
            vpcLatticeConfigurations=list(lattice),
            healthCheckGracePeriodSeconds=1200,
            deploymentConfiguration=configuration,
        )
        self.first = self.current()
        self.until(self.first, "SUCCESSFUL")

    def load_balancer(self, **changes: Any) -> dict[str, Any]:
        advanced = {
            "alternateTargetGroupArn": self.green,
            "productionListenerRule": self.production,
            "testListenerRule": self.test,
            "roleArn": self.role,
        }
        return {
            "targetGroupArn": self.blue,
            "containerName": "web",
            "containerPort": 8000,
            "advancedConfiguration": advanced | changes,
        }

    def deploy(self, version: str, **options: Any) -> str:
        """The ARN of the service deployment."""
        return self.update(taskDefinition=registered(self.ecs, version), **options)

    def update(self, **options: Any) -> str:
        answer = self.ecs.update_service(cluster=CLUSTER, service=self.name, **options)
        return str(answer["service"]["currentServiceDeployment"])

    def service(self) -> dict[str, Any]:
        return dict(self.ecs.describe_services(cluster=CLUSTER, services=[self.name])["services"][0])

    def current(self) -> str:
        return str(self.service()["currentServiceDeployment"])

    def at(self, arn: str) -> dict[str, Any]:
        return dict(self.ecs.describe_service_deployments(serviceDeploymentArns=[arn])["serviceDeployments"][0])

    def until(self, arn: str, *statuses: str) -> dict[str, Any]:
        """Fails at once when it ends any other way."""

        def read() -> dict[str, Any]:
            seen = self.at(arn)
            if seen["status"] in statuses:
                return seen
            assert seen["status"] not in TERMINAL, (seen["status"], seen.get("statusReason"))
            return {}

        return eventually(read)

    def until_at(self, arn: str, percent: float) -> None:
        """The release has this share of production."""
        eventually(lambda: self.at(arn)["targetServiceRevision"].get("requestedProductionTrafficWeight") == percent)

    def paused(self, arn: str) -> str:
        """The hook that awaits an answer."""

        def read() -> str:
            hooks = self.at(arn)["lifecycleHookDetails"]
            return next((each["hookId"] for each in hooks if each["status"] == "AWAITING_ACTION"), "")

        return eventually(read)

    def answer(self, arn: str, hook: str, action: str = "CONTINUE") -> None:
        self.ecs.continue_service_deployment(serviceDeploymentArn=arn, hookId=hook, action=action)

    def stop(self, arn: str) -> None:
        self.ecs.stop_service_deployment(serviceDeploymentArn=arn, stopType="ROLLBACK")

    def weights(self, rule: str) -> tuple[int, int]:
        """Of blue and green."""
        groups = self.elb.describe_rules(RuleArns=[rule])["Rules"][0]["Actions"][0]["ForwardConfig"]["TargetGroups"]
        by_arn = {group["TargetGroupArn"]: group["Weight"] for group in groups}
        return by_arn[self.blue], by_arn[self.green]

    def version_at(self, port: int) -> str:
        listeners = self.sandbox.load_balancers.listeners()
        url = next(one["Url"] for one in listeners if (one["LoadBalancerArn"], one["Port"]) == (self.balancer, port))
        try:
            with urllib.request.urlopen(f"{url}/version", timeout=5) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError as error:
            return f"HTTP {error.code}"

    @contextlib.contextmanager
    def traffic(self) -> Iterator[Counter[str]]:
        """Requests to the production listener all the time; what answered, by version or error."""
        seen: Counter[str] = Counter()
        done = threading.Event()

        def ask() -> None:
            while not done.is_set():
                seen[self.version_at(PRODUCTION)] += 1
                time.sleep(0.02)

        callers = [threading.Thread(target=ask) for _ in range(2)]
        for caller in callers:
            caller.start()
        try:
            yield seen
        finally:
            done.set()
            for caller in callers:
                caller.join()


def pause(*stages: str, minutes: int = 1440, action: str = "ROLLBACK") -> dict[str, Any]:
    timeout = {"timeoutInMinutes": minutes, "action": action}
    return {"targetType": "PAUSE", "lifecycleStages": list(stages), "timeoutConfiguration": timeout}


_numbers = itertools.count()


def role(sandbox: Sandbox, *actions: str) -> str:
    """An infrastructure role that may do this; all that shifting needs when nothing is named."""
    iam = sandbox.client("iam")
    trust = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ecs.amazonaws.com"}, '
        '"Action": "sts:AssumeRole"}]}'
    )
    name = f"shift-{next(_numbers)}"
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    allowed = ", ".join(f'"{each}"' for each in actions or ("elasticloadbalancing:*",))
    policy = (
        f'{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": [{allowed}], "Resource": "*"}}]}}'
    )
    iam.put_role_policy(RoleName=name, PolicyName="shift", PolicyDocument=policy)
    return str(arn)
