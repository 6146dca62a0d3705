"""What a repair and a first release begin with: what is red is read, frozen with the plan, and told for ever."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from deployments import red, swaps
from deployments.catalog import environments
from deployments.catalog.freezing import freeze
from deployments.catalog.models import Environment, Release
from deployments.delivery.models import Deployment
from deployments.frozen import EnvironmentSettings, Plan
from deployments.people.principal import Principal
from deployments.preflight import beginning
from deployments.preflight.report import Report, warning
from deployments.record.append import append_event
from deployments.red import Ailment, Red
from deployments.refused import Refused
from deployments.vocabulary import DeploymentKind
from deployments.words import counted, joined

_ERRORS = "Preflight found errors; put them right first."


@dataclass(frozen=True, kw_only=True)
class Proposed:
    """A deployment of some kind as it would be frozen now."""

    settings: EnvironmentSettings
    #: with what was red as a warning, where the kind may begin with it
    report: Report
    needed: DeploymentKind
    #: the strategy by which that can be done, the one that was asked for if it can
    fitting: str
    #: in sentences; empty when nothing that was read is in its way
    refusals: tuple[str, ...]

    def required(self) -> EnvironmentSettings:
        """Raises Refused."""
        if self.refusals:
            errors = [f"{result.seen} {result.fix}" for result in self.report.errors]
            raise Refused(" ".join((*self.refusals, *errors[:1])))
        return self.settings


def read(environment: Environment, release: Release, strategy: str, kind: DeploymentKind, now: datetime) -> Proposed:
    """Asks AWS by preflight, and only reads."""
    seen = environments.check(environment, release, now=now, strategy=strategy, kind=kind)
    settings = beginning.begun(freeze(environment), kind, seen)
    report = replace(seen, results=beginning.admitted(settings, seen.results))
    unfit = beginning.refusal(seen, kind)
    return Proposed(
        settings=settings,
        report=report,
        needed=beginning.needed(seen),
        fitting=_fitting(settings, beginning.needed(seen), strategy),
        refusals=(*([unfit] if unfit else []), *([_ERRORS] if report.errors else [])),
    )


def _fitting(settings: EnvironmentSettings, kind: DeploymentKind, strategy: str) -> str:
    controller = swaps.get(settings.controller)
    tried = (strategy, *controller.strategies(settings))
    return next((each for each in tried if not controller.kind_refusal(settings, kind, each)), strategy)


def planned(plan: Plan, settings: EnvironmentSettings) -> Plan:
    """The plan says of which kind it is, so that its hash does."""
    if settings.kind == DeploymentKind.NORMAL:
        return plan
    first, *others = plan.steps
    back, *further = plan.way_back
    return replace(
        plan,
        steps=(replace(first, summary=f"{_begins(settings)}. {first.summary}"), *others),
        way_back=(replace(back, summary=f"{_asked(settings)}: {back.summary}"), *further),
    )


def cautioned(report: Report, plan: Plan, settings: EnvironmentSettings) -> Report:
    """With a warning where the strategy leaves most visitors on what is sick, or on nothing, for a while."""
    if settings.kind == DeploymentKind.NORMAL or not plan.ladder or plan.ladder[0] == 100:
        return report
    share = plan.ladder[0]
    left = "nothing" if settings.kind == DeploymentKind.FIRST else "what is sick"
    told = warning(
        "strategy-of-kind",
        f"This strategy gives the release {share} % of production first: {100 - share} % stay on {left} until the next "
        "step.",
        "Change the choice to all traffic at once (blue/green), unless you want to see it with a few first.",
    )
    return replace(report, results=(*report.results, told))


def lasting(settings: EnvironmentSettings) -> dict[str, Any]:
    """Without what changes by the second, such as the words of what is red."""
    return replace(settings, red=red.lasting(settings.red)).as_json()


def tell(deployment: Deployment, settings: EnvironmentSettings, principal: Principal, now: datetime) -> None:
    """An event of its own, in the transaction that makes it."""
    kind = DeploymentKind(settings.kind)
    if kind is DeploymentKind.NORMAL:
        return
    message = f"{kind.label} asked for by {principal}: {deployment.reason}"
    data = {"red": [asdict(each) for each in settings.red]}
    event = "deployment.repair_requested" if kind is DeploymentKind.REPAIR else "deployment.first_requested"
    append_event(deployment, event, message, now=now, principal=principal, data=data)


def _begins(settings: EnvironmentSettings) -> str:
    if settings.kind == DeploymentKind.FIRST:
        return "First release: nothing runs there, and there is nothing to go back to"
    lasting = red.lasting(settings.red)
    things = counted(len(lasting), "thing was", "things were")
    return f"Repair: {things} red before it ({joined([_named(each) for each in lasting])})"


def _asked(settings: EnvironmentSettings) -> str:
    before = "nothing ran" if settings.kind == DeploymentKind.FIRST else "it was sick"
    return f"Once the release serves only when somebody asks for it, as {before} before"


def _named(each: Red) -> str:
    return f"alarm {each.name}" if each.ailment is Ailment.ALARM else "the tasks that serve"
