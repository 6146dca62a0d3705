"""What somebody says of what they want to be told."""

from datetime import time
from typing import Any

import pytest
from django.contrib.auth.models import User

from deployments.people.principal import Principal
from deployments.refused import Refused
from deployments.telling.notifications import kinds, preferences
from deployments.telling.notifications.models import NotificationPreference
from tests.delivery.engine.world import make_environment
from tests.telling.notifications.test_addresses import NOW, principal


def save(person: User, **changes: Any) -> NotificationPreference:
    wanted = preferences.Wanted(**{"kinds": ["gate_waits"]} | changes)
    return preferences.save(wanted=wanted, principal=principal(person), now=NOW)


def test_whoever_never_said_has_what_goes_for_all(requester: User) -> None:
    assert preferences.of(requester).kinds == kinds.for_persons()
    assert not NotificationPreference.objects.exists()


def test_what_was_said_last_goes(requester: User) -> None:
    application = make_environment().application
    save(requester, applications=[application], quiet_from=time(22), quiet_until=time(7), zone="Asia/Seoul")
    kept = preferences.of(requester)
    assert (kept.quiet_from, kept.zone, list(kept.applications.all())) == (time(22), "Asia/Seoul", [application])

    save(requester, kinds=["stuck", "gate_waits"], pace="DAILY")

    kept = preferences.of(requester)
    assert (kept.kinds, kept.pace, kept.quiet_from, kept.applications.count()) == (
        ["gate_waits", "stuck"], "DAILY", None, 0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"quiet_from": time(22)}, "quiet_until", "fill in both"),
        ({"quiet_until": time(22)}, "quiet_from", "fill in both"),
        ({"quiet_from": time(7), "quiet_until": time(7)}, "quiet_until", "They end as they begin"),
        ({"zone": "Mars/Olympus"}, "zone", "There is no time zone Mars/Olympus"),
        ({"zone": "../../etc/passwd"}, "zone", "There is no time zone"),
        ({"kinds": ["weekly"]}, "kinds", "There is no kind weekly"),
        ({"pace": "NEVER"}, "pace", "There is no pace NEVER"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(requester: User, changes: Any, field: str, said: str) -> None:
    with pytest.raises(Refused, match=said) as refused:
        save(requester, **changes)

    assert refused.value.field == field
    assert not NotificationPreference.objects.exists()


def test_nobody_but_a_person_has_any(requester: User) -> None:
    token = Principal.token("ci")

    with pytest.raises(Refused, match="Sign in"):
        preferences.save(wanted=preferences.Wanted(kinds=[]), principal=token, now=NOW)
