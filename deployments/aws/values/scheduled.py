"""What starts tasks by itself: EventBridge's rules and schedules, as far as they name a task definition."""

from dataclasses import dataclass

RULE, SCHEDULE = "rule", "schedule"


@dataclass(frozen=True, kw_only=True)
class Starter:
    """A target of a rule on the default bus, or a schedule of EventBridge Scheduler, that runs ECS tasks."""

    #: RULE or SCHEDULE
    kind: str
    #: of a rule; of a schedule GROUP/NAME
    name: str
    #: id of the rule's target; "" of a schedule
    target: str = ""
    #: ARN as it stands there: with a revision, or without one, which means the newest ACTIVE
    task_definition: str
    #: ARN of the role by which EventBridge starts the task; "" = none
    role: str = ""
    #: such as "rate(1 hour)"; "" of a rule that goes by a pattern of events
    when: str = ""
    is_enabled: bool = True
    #: the service of AWS that made it and lets nobody else change it; "" = the account's own
    managed_by: str = ""

    @property
    def key(self) -> str:
        """Tells one from all others of an account and region."""
        return f"{self.kind}:{self.name}:{self.target}"

    @property
    def called(self) -> str:
        return f"{self.kind} {self.name}"

    @property
    def family(self) -> str:
        return family_of(self.task_definition)

    @property
    def names_revision(self) -> bool:
        return names_revision(self.task_definition)


def family_of(task_definition: str) -> str:
    """Of an ARN, with a revision or without one."""
    return task_definition.rsplit("/", 1)[-1].partition(":")[0]


def names_revision(task_definition: str) -> bool:
    return ":" in task_definition.rsplit("/", 1)[-1]


def cluster_arn(of: str, name: str) -> str:
    """Of a cluster in the account and region of another of ECS's ARNs."""
    return f"{':'.join(of.split(':')[:5])}:cluster/{name}"
