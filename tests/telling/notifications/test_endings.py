"""Which events end what people were told before."""

import pytest

from deployments.telling.notifications.audience.meaning import About
from deployments.telling.notifications.over import endings

#: whose roll back failed before this deployment, number 12 to environment 3
BEFORE = 11


def _ends(happened: str, *, is_decided: bool = False) -> list[str]:
    about = About(event=1, deployment=12, environment=3, gate=17, is_decided=is_decided)
    closed = (16, 17) if endings.goes_back(happened) else ()
    mended = (BEFORE,) if happened == "deployment.successful" else ()
    found = endings.of(happened, about, by="bob", closed=closed, mended=mended)
    return [
        f"{each.does} {' '.join(each.told)} in {' '.join(each.threads)}: {each.kind}"
        + (f" of {each.of}" if each.of else "")
        + ("" if each.is_over else ", not over")
        + (", moot" if each.is_moot else "")
        for each in found
    ]


GATE = "UPDATE gate_waits gate_reminder in gate:17: gate_decided"
GATES = "UPDATE gate_waits gate_reminder in gate:16 gate:17: turned_back, moot"
MOVES = "RESOLVE stuck in stuck:environment:3: stuck, moot"
BACK = "UPDATE turned_back in deployment:12"


@pytest.mark.parametrize(
    ("happened", "ends"),
    [
        ("gate.approved", [f"{GATE} of bob, moot"]),
        ("gate.rejected", [f"{GATE}, moot"]),
        ("gate.timed_out", [f"{GATE}, moot"]),
        ("gate.opened", [MOVES]),
        (
            "deployment.rollback_retried",
            ["UPDATE rollback_failed in rollback:deployment:12: rollback_failed, not over"],
        ),
        ("stage.succeeded", [MOVES]),
        ("deployment.unwatched", [MOVES]),
        ("deployment.stopped", [GATES, MOVES]),
        ("deployment.failed", [GATES]),
        ("deployment.rollback_started", [GATES, "UPDATE live in deployment:12: turned_back", MOVES]),
        ("deployment.rollback_failed", [GATES, f"{BACK}: rollback_failed, not over", MOVES]),
        (
            "deployment.rollback_successful",
            [
                GATES,
                f"{BACK}: turned_back",
                "RESOLVE rollback_failed in rollback:deployment:12: turned_back",
                MOVES,
            ],
        ),
        ("deployment.successful", [f"RESOLVE rollback_failed in rollback:deployment:{BEFORE}: live", MOVES]),
        ("deployment.noted", []),
        ("aws.UpdateService", []),
    ],
)
def test_an_event_ends_what_was_told(happened: str, ends: list[str]) -> None:
    assert _ends(happened) == ends
    assert bool(ends) == endings.may_end(happened)


def test_the_last_approval_ends_it_for_all() -> None:
    assert _ends("gate.approved", is_decided=True) == [f"{GATE}, moot"]
