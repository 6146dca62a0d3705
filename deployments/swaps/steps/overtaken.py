"""AWS had finished before it could be turned back: what is live is told, then the source is deployed again.

It is the same deployment that goes on: its way back, by other means. Nobody is asked, since somebody has asked already.
"""

from dataclasses import replace

from deployments.aws.values import Rule, Service
from deployments.swaps.decisions import Fail, Note, Snapshot
from deployments.swaps.facts import TwoSlotFacts
from deployments.swaps.steps import marks, one_service_as_planned, rules
from deployments.swaps.steps.task_definition import short
from deployments.vocabulary import Role


def told(
    snapshot: Snapshot[TwoSlotFacts], aws: str, service: Service | None, rule: Rule | None, facts: TwoSlotFacts
) -> Note | Fail | None:
    """What has to be said before anything is written, once a try; None when it was said.

    `aws` is who had finished. Fails when somebody else has been there since, so that nothing of theirs is undone.
    """
    mark = marks.of_try(snapshot, "overtaken")
    if marks.done(snapshot, mark):
        return None
    finished = _finished(snapshot, aws)
    name, live = snapshot.settings.service_name, rules.all_on(snapshot, rule)
    if service is None or service.status != "ACTIVE":
        seen = f"is {service.status}" if service else "does not exist any more"
        return Fail(reason=f"{finished}, and the service {name} {seen}: there is nothing to go back to.")
    if is_told(snapshot, service):
        return Note(reason=f"{finished}, but {name} has {_before(snapshot)} again", facts=facts.marked(mark), live=live)
    if somebody_elses := on_it_since(snapshot, service):
        return Fail(reason=f"{finished}, and {somebody_elses}")
    if live is not Role.TARGET:
        shown = rules.describe(snapshot, rule) if rule else "nothing"
        return Fail(
            reason=f"{finished}, but the production rule shows {shown}. Set it right, then try the roll back again.",
            live=live,
        )
    return has_it_all(snapshot, aws, facts)


def has_it_all(snapshot: Snapshot[TwoSlotFacts], aws: str, facts: TwoSlotFacts) -> Note:
    return Note(
        reason=f"{_finished(snapshot, aws)}: it has all traffic. {_before(snapshot)} is deployed again",
        facts=replace(facts.marked(marks.of_try(snapshot, "overtaken")), percent=100),
        live=Role.TARGET,
    )


def started_anew(snapshot: Snapshot[TwoSlotFacts], aws: str, facts: TwoSlotFacts) -> Note:
    """Somebody started the release anew while it was to be turned back, and AWS stopped ours for it."""
    version, before = snapshot.artefact.version, _before(snapshot)
    return Note(
        reason=f"Somebody started {version} anew, for which {aws} stopped ours: {before} is deployed again",
        facts=facts.marked(marks.of_try(snapshot, "overtaken")),
    )


def on_it_since(snapshot: Snapshot[TwoSlotFacts], service: Service | None) -> str:
    """Who is neither the release nor the source, in a clause and what to do; "" when nobody is, or it was not read."""
    ours = (snapshot.facts.task_definition, snapshot.facts.source_task_definition, snapshot.facts.source_pinned)
    if service is None or service.task_definition in ours:
        return ""
    whose = one_service_as_planned.deployment_of(service)
    return (
        f"someone else put {short(service.task_definition)} on {service.name} since; it was left alone"
        f"{f' ({whose})' if whose else ''}. Deploy the release that you want."
    )


def is_told(snapshot: Snapshot[TwoSlotFacts], service: Service | None) -> bool:
    """Whether the service has been given the source's task definition, by us or by somebody."""
    before = (snapshot.facts.source_task_definition, snapshot.facts.source_pinned)
    return service is not None and service.task_definition in before


def _finished(snapshot: Snapshot[TwoSlotFacts], aws: str) -> str:
    return f"{aws} had finished with {snapshot.artefact.version} before it could be turned back"


def _before(snapshot: Snapshot[TwoSlotFacts]) -> str:
    return short(snapshot.facts.source_task_definition)
