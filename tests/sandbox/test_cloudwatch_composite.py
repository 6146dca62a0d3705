"""Composite alarms and SetAlarmState, where a minute is a minute: nothing is evaluated in between."""

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox import cloudwatch
from sandbox.clock import Clock
from tests.sandbox.listening import put_alarm
from tests.sandbox.load_balancing import balanced


@pytest.fixture
def client() -> Iterator[Any]:
    with balanced(scale=1) as world:
        alarms = cloudwatch.install(Clock(1), world.balancers)
        yield world.client
        alarms.close()


def states(client: Any) -> dict[str, str]:
    found = client("cloudwatch").describe_alarms(AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    return {each["AlarmName"]: each["StateValue"] for each in found}


def test_composite_alarms_follow_a_child_whose_state_is_set(client: Any) -> None:
    alarms = client("cloudwatch")
    put_alarm(client, "errors")
    alarms.put_composite_alarm(AlarmName="any", AlarmRule='ALARM("errors")')
    alarms.put_composite_alarm(AlarmName="every", AlarmRule="ALARM(any)")

    alarms.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="a drill")
    during = states(client)
    alarms.set_alarm_state(AlarmName="errors", StateValue="OK", StateReason="the drill is over")

    assert during == {"any": "ALARM", "every": "ALARM"}
    assert states(client) == {"any": "OK", "every": "OK"}


def test_a_composite_alarm_keeps_the_state_that_it_is_given(client: Any) -> None:
    alarms = client("cloudwatch")
    put_alarm(client, "errors")
    alarms.put_composite_alarm(AlarmName="any", AlarmRule='ALARM("errors")')
    alarms.put_composite_alarm(AlarmName="every", AlarmRule="ALARM(any)")

    alarms.set_alarm_state(AlarmName="any", StateValue="ALARM", StateReason="a drill")

    assert states(client) == {"any": "ALARM", "every": "ALARM"}
