"""The names of things in the in-memory world."""

from dataclasses import dataclass

REGION = "eu-central-1"
ACCOUNT = "123456789012"


def arn(service: str, rest: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}"


@dataclass(frozen=True)
class Single:
    """The usual names of one service behind one target group."""

    name: str = "api"
    container: str = "web"
    container_port: int = 8000

    @property
    def cluster(self) -> str:
        return self.name

    @property
    def target_group(self) -> str:
        return arn("elasticloadbalancing", f"targetgroup/{self.name}/0123456789abcdef")

    @property
    def load_balancer(self) -> str:
        return arn("elasticloadbalancing", f"loadbalancer/app/{self.name}/50dc6c495c0c9188")

    @property
    def alarm(self) -> str:
        return f"{self.name}-5xx"

    def task_definition(self, revision: int = 1) -> str:
        """The live one is revision 1, so the first that a deployment registers is revision 2."""
        return arn("ecs", f"task-definition/{self.name}:{revision}")


@dataclass(frozen=True)
class Pair:
    """The usual names of a blue/green pair; everything follows from the application's name."""

    name: str = "shop"

    @property
    def cluster(self) -> str:
        return self.name

    @property
    def container(self) -> str:
        return "web"

    @property
    def container_port(self) -> int:
        return 8000

    def service(self, slot: str) -> str:
        return f"{self.name}-{slot}"

    def target_group(self, slot: str) -> str:
        return arn("elasticloadbalancing", f"targetgroup/{self.name}-{slot}/0123456789abcdef")

    @property
    def load_balancer(self) -> str:
        return arn("elasticloadbalancing", f"loadbalancer/app/{self.name}/50dc6c495c0c9188")

    @property
    def production_rule(self) -> str:
        return arn("elasticloadbalancing", f"listener-rule/app/{self.name}/50dc6c495c0c9188/aaaa/1111")

    @property
    def test_rule(self) -> str:
        return arn("elasticloadbalancing", f"listener-rule/app/{self.name}/50dc6c495c0c9188/bbbb/2222")

    @property
    def alarm(self) -> str:
        return f"{self.name}-5xx"

    def task_definition(self, revision: int = 1) -> str:
        """The live one is revision 1, so the first that a deployment registers is revision 2."""
        return arn("ecs", f"task-definition/{self.name}:{revision}")

    def scalable(self, slot: str) -> str:
        return f"service/{self.cluster}/{self.service(slot)}"


@dataclass(frozen=True)
class Express(Single):
    """The usual names of a service of Express Mode, and of what ECS made for it."""

    name: str = "landing"
    container: str = "Main"

    @property
    def target_groups(self) -> tuple[str, str]:
        first, second = (arn("elasticloadbalancing", f"targetgroup/ecs-gateway-tg-{n}/0123456789abcdef") for n in "12")
        return first, second

    @property
    def production_rule(self) -> str:
        return arn("elasticloadbalancing", f"listener-rule/app/{self.name}/50dc6c495c0c9188/aaaa/1111")

    @property
    def own_alarm(self) -> str:
        return f"ecs-express-{self.name}-rollback"

    @property
    def host(self) -> str:
        return f"{self.name}.ecs.eu-central-1.on.aws"
