"""On the way back, somebody else's deployment that took ours off: left alone, said once, with what to do."""

from deployments.swaps.decisions import Snapshot
from deployments.swaps.facts import Facts

TO_DO = "Deploy the release that you want once theirs has ended, or *Adopt* what it brings."


def told(snapshot: Snapshot[Facts], why: str, whose: str = "", *, left: str = "that one was left alone") -> str:
    """`why` ours ended, a clause; `whose` deployment it is now, in a sentence or "".

    Without what the way forward has ended with already, since pages show both as one.
    """
    said = f"{why}; {left}."
    if why in snapshot.status_reason:
        said = f"nothing of {snapshot.artefact.version} is left to turn back."
    return f"{said} {whose}" if whose and whose not in snapshot.status_reason else said
