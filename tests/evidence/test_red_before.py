"""What was red before a repair began: passed over, said at the end, and counted once it rings anew."""

from datetime import datetime

import pytest

from deployments.aws.values import Alarm
from deployments.evidence import verdict
from deployments.red import Ailment, Red, is_listed, lasting
from tests.evidence.cases import measured, watched
from tests.swaps.cases import NOON, seconds

LISTED = {"kind": "REPAIR", "red": (Red(ailment=Ailment.ALARM, name="shop-5xx"),)}
SERVED = NOON - seconds(600)


def ringing(since: datetime | None = None) -> dict[str, Alarm]:
    return {"shop-5xx": Alarm(name="shop-5xx", state="ALARM", reason="12 datapoints", changed_at=since)}


@pytest.mark.parametrize("since", [None, SERVED - seconds(3600), SERVED + seconds(60)])
def test_an_alarm_that_rang_before_does_not_count_and_is_said(since: datetime | None) -> None:
    wanted, seen = watched(environment=LISTED, since=SERVED), measured(alarms=ringing(since))

    assert verdict.problem(wanted, seen) == ""
    assert "Alarm shop-5xx is still in ALARM, as before this repair: 12 datapoints" in verdict.doubts(wanted, seen)


def test_an_alarm_that_got_quiet_under_the_release_and_rings_again_counts() -> None:
    wanted, seen = watched(environment=LISTED, since=SERVED), measured(alarms=ringing(SERVED + seconds(180)))

    assert verdict.problem(wanted, seen) == "Alarm shop-5xx is in ALARM: 12 datapoints"


def test_an_alarm_that_is_not_on_the_list_counts() -> None:
    other = {"kind": "REPAIR", "red": (Red(ailment=Ailment.ALARM, name="shop-latency"),)}

    assert verdict.problem(watched(environment=other), measured(alarms=ringing())).startswith("Alarm shop-5xx")


def test_a_listed_alarm_that_is_gone_counts() -> None:
    assert "does not exist any more" in verdict.problem(watched(environment=LISTED), measured(alarms={}))


def test_tasks_that_die_are_the_same_trouble_however_they_show() -> None:
    targets, rollout = (Red(ailment=each, name="x") for each in (Ailment.TARGETS, Ailment.ROLLOUT))
    alarm, nothing = (Red(ailment=each, name="x") for each in (Ailment.ALARM, Ailment.NOTHING))

    assert is_listed(rollout, (targets,))
    assert not is_listed(rollout, (alarm, nothing))
    assert not is_listed(nothing, (targets, rollout))
    assert lasting((targets, alarm)) == lasting((alarm, rollout, targets))
