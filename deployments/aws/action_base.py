"""What every write on AWS is, and what it makes."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Action:
    @property
    def operation(self) -> str:
        """AWS's name of the call."""
        return type(self).__name__

    def as_json(self) -> dict[str, Any]:
        return {"operation": self.operation, **asdict(self)}


@dataclass(frozen=True, kw_only=True)
class Made:
    """What AWS answered that an action made; "" = nothing of that kind."""

    #: an ARN
    task_definition: str = ""
    #: the ARN of a one-off task
    task: str = ""
    #: id of the service's PRIMARY deployment
    ecs_deployment: str = ""
    #: ARN of what the service deploys or deployed last
    service_deployment: str = ""
    #: number of a deployment of CodeDeploy
    code_deployment: str = ""

    def as_json(self) -> dict[str, str]:
        return {name: made for name, made in asdict(self).items() if made}
