"""What is shown of an account, a page at a time."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Fit:
    """`controller` is "" where none fits; then `why` says why."""

    controller: str
    why: str
    #: each other controller by its name, and why it does not fit
    others: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Thing:
    """An ECS service or a deployment group of CodeDeploy."""

    #: "service:CLUSTER/NAME" or "group:APPLICATION/NAME"
    key: str
    name: str
    #: of a service
    cluster: str = ""
    #: CodeDeploy's, of a group
    application: str = ""
    #: such as "shop:1.4.2, 2 of 2 tasks run"
    runs: str = ""
    #: such as "target group shop-blue, on port 80"
    behind: str = ""
    fit: Fit = Fit(controller="", why="")
    #: which environment holds it, in a sentence; "" = none
    held: str = ""

    @property
    def can_be_chosen(self) -> bool:
        return bool(self.fit.controller) and not self.held


@dataclass(frozen=True, kw_only=True)
class Around:
    """One page of what is there."""

    things: tuple[Thing, ...]
    #: how many fit what was searched for, on all pages
    found: int
    #: how many there are
    total: int
    page: int
    pages: int
    clusters: tuple[str, ...]
    #: what could not be read, in sentences
    troubles: tuple[str, ...] = ()

    @property
    def can_choose(self) -> bool:
        return any(thing.can_be_chosen for thing in self.things)
