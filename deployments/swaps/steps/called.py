"""How people are told of the two releases: "new 1.1.0", "old 1.0.0".

A slot's colour means another release with every deployment, so it names neither. AWS's names are said where somebody
looks for them there: the slots once, in RECONCILE_SERVICE, and services, target groups and rules by their own.
"""

from collections.abc import Mapping

from deployments.swaps.decisions import Snapshot
from deployments.swaps.facts import Facts
from deployments.vocabulary import DeploymentKind, Slot

#: of a first release: there is nothing beside it, though a rule can send requests there
NOTHING = "the empty slot"
#: where Tealgate had not deployed
UNKNOWN = "what was live before"


def new(snapshot: Snapshot[Facts]) -> str:
    return f"new {snapshot.artefact.version}"


def old(snapshot: Snapshot[Facts]) -> str:
    """Its version only where Tealgate had deployed it."""
    if snapshot.settings.kind == DeploymentKind.FIRST:
        return NOTHING
    return f"old {snapshot.source_version}" if snapshot.source_version else UNKNOWN


def on(snapshot: Snapshot[Facts], slot: Slot) -> str:
    """What this deployment puts, or found, on a slot."""
    return new(snapshot) if slot is snapshot.target else old(snapshot)


def by_side(snapshot: Snapshot[Facts]) -> Mapping[str, str]:
    """For the watch, whose sides are slots; {} before it is known which is which."""
    return {slot.value: on(snapshot, slot) for slot in Slot} if snapshot.target else {}
