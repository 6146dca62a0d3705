"""Whether the service is as planned, before ECS is told anything and when it says that it is done."""

from dataclasses import replace

from deployments.aws.values import Rule
from deployments.frozen import Artefact
from deployments.swaps.express.facts import Snapshot
from deployments.swaps.express.observe import Observed
from deployments.swaps.steps import pinned
from deployments.swaps.steps.as_planned import Difference, Expected, difference
from deployments.swaps.steps.task_definition import short
from deployments.vocabulary import Role


def changed_meanwhile(snapshot: Snapshot, observed: Observed) -> Difference | None:
    """Since preflight; people may have thought about a gate for days. None = it is as it was, or was not read."""
    return difference(_before(snapshot), observed.service, observed.tasks) if observed.compared else None


def differs_from_before(snapshot: Snapshot, observed: Observed) -> Difference | None:
    """What runs from what ran before anything was written, as far as that was read; None = it does not."""
    before = replace(_before(snapshot), task_definition=pinned.goal(snapshot.facts), serves=False)
    return difference(before, observed.service, observed.tasks)


def not_proven(snapshot: Snapshot, observed: Observed, role: Role) -> str:
    """Why it is not believed that this release has everything, though ECS says so; "" when all of it is seen."""
    expected = _release(snapshot) if role is Role.TARGET else _went_back_to(snapshot)
    if found := difference(expected, observed.service, observed.tasks):
        return found.sentence
    if not any(
        task.task_definition == expected.task_definition and task.last_status == "RUNNING"
        for task in observed.tasks or ()
    ):
        return f"No task of {short(expected.task_definition)} runs on {expected.service}."
    if (live := on_rule(snapshot, observed.rule)) not in (role, None) or (observed.rule and live is None):
        return f"The rule that ECS made shows {share(snapshot, observed.rule)} on the release's target group."
    return ""


def on_rule(snapshot: Snapshot, rule: Rule | None) -> Role | None:
    """Whose release has all of the traffic; None when it is shared, or not known."""
    if rule is None or not snapshot.facts.target_group:
        return None
    return {100.0: Role.TARGET, 0.0: Role.SOURCE}.get(rule.share(snapshot.facts.target_group))


def share(snapshot: Snapshot, rule: Rule | None) -> str:
    return f"{rule.share(snapshot.facts.target_group):g} %" if rule and snapshot.facts.target_group else "nothing"


def _before(snapshot: Snapshot) -> Expected:
    facts = snapshot.facts
    return Expected(
        service=snapshot.settings.service_name,
        task_definition=facts.source_task_definition,
        version=snapshot.source_artefact.version if snapshot.source_artefact else "",
        digests=facts.source_digests,
    )


def _went_back_to(snapshot: Snapshot) -> Expected:
    """What ran before; the revision that names its digests where it had to be deployed anew."""
    definition = pinned.goal(snapshot.facts) if snapshot.facts.again_at else snapshot.facts.source_task_definition
    return replace(_before(snapshot), task_definition=definition)


def _release(snapshot: Snapshot) -> Expected:
    return Expected(
        service=snapshot.settings.service_name,
        task_definition=snapshot.facts.task_definition,
        version=snapshot.artefact.version,
        digests=_digests(snapshot.artefact),
    )


def _digests(artefact: Artefact) -> dict[str, str]:
    pinned = {container: image.partition("@")[2] for container, image in artefact.images.items()}
    return {container: digest for container, digest in pinned.items() if digest}
