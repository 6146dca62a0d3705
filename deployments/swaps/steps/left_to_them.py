"""On the way back, somebody else's deployment that took ours off: left alone, said once, with what to do."""

from deployments.swaps.decisions import Snapshot
from deployments.swaps.facts import Facts

TO_DO = "Deploy the release that you want once theirs has ended, or *Adopt* what it brings."


def told(snapshot: Snapshot[Facts], why: str, whose: str = "", *, left: str = "that one was left alone") -> str:
    """`why` ours ended, a clause; `whose` deployment it is now, in a sentence or "".

    Without what the way forward has ended with already, since pages show both as one.
    """
    said = "nothing is left to turn back." if why in snapshot.status_reason else f"{why}; {left}."
    return f"{said} {whose}" if whose and whose not in snapshot.status_reason else said


def of_a_deleted_service(snapshot: Snapshot[Facts], why: str) -> str:
    said = told(snapshot, why, left="nothing is left to turn back")
    return f"{said} Make {snapshot.settings.service_name} again, then deploy the release that you want."
