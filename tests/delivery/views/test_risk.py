"""What speaks for looking twice, in sentences, by the day of whoever reads it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from deployments.catalog.models import Environment
from deployments.delivery.models import Deployment
from deployments.delivery.views.risk import RiskView, risk_view
from deployments.vocabulary import DeploymentKind, Status
from tests.delivery.engine.world import World, make_release
from tests.delivery.views.conftest import change

#: 2026-03-06, a Friday
FRIDAY = datetime(2026, 3, 6, 11, 30, tzinfo=UTC)


def ended(world: World, status: Status, version: str = "", **columns: Any) -> Deployment:
    """Of the world's release, or of another one."""
    release = make_release(world.environment.application, version, "7") if version else world.release
    deployment = world.request()
    at = {"next_check_at": None, "finished_at": world.clock(), "created_at": world.clock()}
    change(deployment, status=status, release=release, **{**at, **columns})
    return deployment


def risk(world: World, now: datetime | None = None, zone: str = "UTC") -> RiskView:
    """Of the one that is under way, which is asked for if there is none."""
    deployment = Deployment.objects.unfinished().first() or world.request()
    return risk_view(deployment, now=now or world.clock(), zone=ZoneInfo(zone))


def test_the_first_one_is_said_to_be_that(world: World) -> None:
    seen = risk(world)

    assert seen.warnings == ()
    assert seen.calm == ("Nothing was deployed here by Tealgate before.",)


def test_how_many_there_were_today_is_counted_by_the_reader_s_day(world: World) -> None:
    ended(world, Status.SUCCESSFUL, "1.0.0")

    assert risk(world).calm == ("It is deployment number 2 here today.", "The one before, 1.0.0, went well.")
    world.clock.forward(hours=5)  # past midnight in Tokyo
    assert risk(world, zone="Asia/Tokyo").calm[0] == "It is the first deployment here today."


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (Status.ROLLBACK_SUCCESSFUL, "was rolled back"),
        (Status.STOPPED, "was stopped"),
        (Status.FAILED, "failed"),
        (Status.ROLLBACK_FAILED, "failed, and so did its roll back"),
    ],
)
def test_that_the_one_before_ended_badly_is_told_with_its_reason(world: World, status: Status, said: str) -> None:
    ended(world, status, "1.0.0", status_reason="5xx rose" + "!" * 500)

    (warning,) = risk(world).warnings

    assert warning.startswith(f"The last deployment here, 1.0.0, {said} (2026-03-02 12:00 UTC): 5xx rose")
    assert len(warning) < 300


def test_that_the_same_release_was_turned_back_here_is_told_until_it_went_well(world: World) -> None:
    ended(world, Status.ROLLBACK_SUCCESSFUL, status_reason="Latency rose")
    then = ended(world, Status.ROLLBACK_SUCCESSFUL, status_reason="Latency rose again. Rolled back: Blue has it.")
    assert risk(world).warnings == (
        "This release was tried here before and was rolled back (2026-03-02 12:00 UTC): Latency rose again.",
    )

    change(then, status=Status.SUCCESSFUL)
    assert risk(world).warnings == ()


def test_an_environment_that_was_left_out_is_named_though_not_in_a_repair(world: World) -> None:
    env = world.environment
    staging = Environment.objects.create(application=env.application, name="staging", rank=env.rank - 1)
    assert risk(world).warnings == ("1.1.0 was never live on staging.",)
    Deployment.objects.update(kind=DeploymentKind.REPAIR)
    assert risk(world).warnings == ()

    Deployment.objects.update(kind=DeploymentKind.NORMAL)
    Environment.objects.filter(pk=staging.pk).update(live_release=world.release)
    assert risk(world).warnings == ()


@pytest.mark.parametrize(
    ("now", "zone", "said"),
    [
        (FRIDAY, "UTC", ()),
        (FRIDAY, "Europe/Berlin", ("It is Friday, 12:30: the weekend comes before anybody looks again.",)),
        (FRIDAY + timedelta(days=1), "UTC", ("It is Saturday: fewer people look after it.",)),
        (FRIDAY + timedelta(days=2, hours=13), "Asia/Seoul", ()),
    ],
)
def test_the_weekend_begins_on_friday_noon_where_the_reader_is(
    world: World, now: datetime, zone: str, said: tuple[str, ...]
) -> None:
    assert risk(world, now, zone).warnings == said
