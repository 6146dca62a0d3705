"""What is read while scheduled tasks are switched: all that starts them once, then one by one, and all at the end."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from deployments.aws.protocol import Gateway
from deployments.aws.values import Starter, TaskDefinition
from deployments.aws.values.scheduled import cluster_arn, family_of
from deployments.swaps.decisions import Snapshot
from deployments.swaps.facts import Facts, sure
from deployments.swaps.reports import FoundStarter
from deployments.swaps.scheduled import remaining
from deployments.swaps.steps import marks
from deployments.vocabulary import DEPLOYMENT_TAG


@dataclass(frozen=True, kw_only=True)
class Seen:
    """None or empty means: not read in this look."""

    #: all that starts tasks of the families, with the revision that it starts now
    found: tuple[FoundStarter, ...] | None = None
    #: what the next revision is made from, and what an earlier try made of it whose answer was lost
    base: TaskDefinition | None = None
    registered: TaskDefinition | None = None
    #: by key; one that is gone is absent
    starters: Mapping[str, Starter] = field(default_factory=dict)
    #: the newest ACTIVE revision by family, where none is named
    newest: Mapping[str, TaskDefinition] = field(default_factory=dict)


def observe(snapshot: Snapshot[Facts], gateway: Gateway) -> Seen:
    """Raises AwsError."""
    if snapshot.rolling_back:
        return _back(snapshot, gateway)
    facts = snapshot.facts
    if facts.starters is None:
        return Seen(found=_found(snapshot, gateway))
    if revision := remaining.to_register(facts):
        return _making(snapshot, gateway, revision, remaining.tag(snapshot, revision))
    if one := remaining.to_switch(facts):
        return Seen(starters=_read(gateway, (one,)))
    return Seen(starters=_read(gateway, remaining.switched(facts)), newest=_newest(gateway, remaining.unnamed(facts)))


def _back(snapshot: Snapshot[Facts], gateway: Gateway) -> Seen:
    if one := remaining.to_put_back(snapshot):
        return Seen(starters=_read(gateway, (one,)))
    if one := remaining.to_restore(snapshot):
        seen = _making(snapshot, gateway, one.revision, remaining.tag(snapshot, one.revision, back=True))
        return Seen(base=seen.base, registered=seen.registered, newest=_newest(gateway, (one,)))
    return Seen(
        starters=_read(gateway, remaining.touched(snapshot)),
        newest=_newest(gateway, remaining.restored(snapshot)),
    )


def _found(snapshot: Snapshot[Facts], gateway: Gateway) -> tuple[FoundStarter, ...]:
    cluster = cluster_arn(sure(snapshot.facts.task_definition), snapshot.settings.cluster)
    families = tuple(spec.family for spec in snapshot.settings.scheduled)
    starters = [each for each in gateway.starters(cluster, families) if not each.managed_by]
    newest = {
        family: gateway.task_definition(family).arn
        for family in dict.fromkeys(each.family for each in starters if not each.names_revision)
    }
    return tuple(
        FoundStarter(
            kind=each.kind,
            name=each.name,
            target=each.target,
            task_definition=each.task_definition,
            revision=each.task_definition if each.names_revision else newest[each.family],
        )
        for each in starters
    )


def _making(snapshot: Snapshot[Facts], gateway: Gateway, revision: str, tag: str) -> Seen:
    registered = None
    if marks.may_have_happened(snapshot, "RegisterTaskDefinition"):
        registered = gateway.registered_by(family_of(revision), (DEPLOYMENT_TAG, tag))
    return Seen(base=gateway.task_definition(revision), registered=registered)


def _read(gateway: Gateway, wanted: tuple[FoundStarter, ...]) -> dict[str, Starter]:
    found = ((each, gateway.starter(remaining.starter(each))) for each in wanted)
    return {remaining.starter(each).key: now for each, now in found if now}


def _newest(gateway: Gateway, unnamed: tuple[FoundStarter, ...]) -> dict[str, TaskDefinition]:
    families = dict.fromkeys(family_of(each.revision) for each in unnamed)
    return {family: gateway.task_definition(family) for family in families}
