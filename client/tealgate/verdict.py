"""Whether a deployment has come to where somebody waits for it, and whether that is good. Values in, a verdict out.

Green is only what is live and stays: `is_live` of an ended one, or all production on it, watched to the end, with
nobody left to be asked. Turned back, stopped, overtaken by another, nothing running: never.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from tealgate.endings import ENDED_BADLY, GOOD


class Until(str, Enum):
    """How far somebody waits."""

    #: people are asked, or it came through without
    GATE = "gate"
    #: all production is on it, watched to the end; the previous release may still be warm
    LIVE = "live"
    #: it ended, the previous release is gone
    FINISHED = "finished"


@dataclass(frozen=True)
class Verdict:
    code: int
    #: gate, live, not-live, or the status in lower case: stopped, rolled-back, roll-back-failed, failed
    outcome: str
    sentence: str


_OUTCOMES = {"ROLLBACK_SUCCESSFUL": "rolled-back", "ROLLBACK_FAILED": "roll-back-failed"}


def verdict(deployment: Mapping[str, Any], until: Until) -> Verdict | None:
    """None: it goes on. `deployment` is as the API shows it."""
    if deployment["is_finished"]:
        return _ended(deployment)
    if until is Until.GATE and deployment["gate"]:
        return Verdict(GOOD, "gate", f"{name(deployment)} waits for people. It is not live yet.")
    if until is not Until.FINISHED and is_settled(deployment):
        until_when = (deployment["kept_until"] or "")[:16].replace("T", " ")
        kept = f" Until {until_when} UTC the way back is one click." if until_when else ""
        return Verdict(GOOD, "live", f"{name(deployment)} is live: all production traffic is on it.{kept}")
    return None


def name(deployment: Mapping[str, Any]) -> str:
    return "{version} on {application}/{environment} (deployment {id})".format(**deployment)


def is_settled(deployment: Mapping[str, Any]) -> bool:
    """Watched to the end on all of production, and nobody is left to be asked."""
    if deployment["status"] != "IN_PROGRESS" or deployment["gate"] or deployment["not_live"]:
        return False
    if deployment["percent"] != 100:
        return False
    states = [(stage["stage"], stage["state"]) for stage in deployment["stages"]]
    last = max((place for place, (stage, _) in enumerate(states) if stage == "BAKE_TIME"), default=None)
    return last is not None and all(state == "done" for _, state in states[: last + 1])


def _ended(deployment: Mapping[str, Any]) -> Verdict:
    said = f"{name(deployment)}"
    if deployment["is_live"]:
        return Verdict(GOOD, "live", f"{said} is live, and ended well.")
    if deployment["status"] == "SUCCESSFUL":
        return Verdict(
            ENDED_BADLY,
            "not-live",
            f"{said} ended well, but is not live. {deployment['not_live']} Look at what runs before you deploy again.",
        )
    outcome = _OUTCOMES.get(deployment["status"], deployment["status"].lower().replace("_", "-"))
    where = f" {deployment['place']}" if deployment["place"] else ""
    return Verdict(ENDED_BADLY, outcome, f"{said} is not live. {deployment['headline']}{where}")
