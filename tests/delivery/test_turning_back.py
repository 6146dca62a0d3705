"""Stop, Roll back, Retry, Extend and Finish now."""

from datetime import timedelta

import pytest

from deployments import swaps
from deployments.delivery import turning_back, warm_time
from deployments.delivery.models import Deployment
from deployments.people.principal import Principal
from deployments.record.models import Event
from deployments.refused import Refused
from deployments.vocabulary import Status
from tests.delivery import stages
from tests.delivery.engine.world import NOON, World


def again(deployment: Deployment) -> Deployment:
    deployment.refresh_from_db()
    return deployment


def test_stop_is_a_request_that_the_engine_carries_out(shop: World) -> None:
    deployment = stages.under_way(shop, next_check_at=None)

    turning_back.stop(
        deployment=deployment, principal=Principal.person(shop.requester), now=NOON, reason=" wrong release "
    )

    again(deployment)
    assert (deployment.status, deployment.next_check_at, deployment.clicks) == ("STOP_REQUESTED", NOON, 1)
    assert deployment.status_reason == "Stop asked for by requester: wrong release"


def test_roll_back_needs_no_reason(shop: World) -> None:
    deployment = stages.warm(shop)

    turning_back.roll_back(deployment=deployment, principal=Principal.person(shop.requester), now=NOON)

    assert again(deployment).status_reason == "Roll back asked for by requester"
    assert Event.objects.filter(kind="deployment.rollback_requested").count() == 1


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (Status.STOP_REQUESTED, "This deployment is already on its way back (stop requested)."),
        (Status.ROLLBACK_REQUESTED, "This deployment is already on its way back (rollback requested)."),
        (Status.ROLLBACK_IN_PROGRESS, "This deployment is already on its way back (rolling back)."),
        (Status.SUCCESSFUL, "This deployment has ended (successful). To go back, deploy the previous release."),
        (Status.STOPPED, "This deployment has ended (stopped)."),
        (Status.ROLLBACK_SUCCESSFUL, "This deployment has ended (rolled back)."),
        (Status.ROLLBACK_FAILED, "This deployment has ended (rollback failed)."),
    ],
)
def test_too_late_to_turn_back(shop: World, status: Status, sentence: str) -> None:
    deployment = stages.under_way(shop)
    Deployment.objects.update(status=status)

    with pytest.raises(Refused) as caught:
        turning_back.roll_back(deployment=deployment, principal=Principal.person(shop.requester), now=NOON)

    assert caught.value.sentence.startswith(sentence)
    assert again(deployment).clicks == 0


def test_a_retry_starts_the_way_back_from_its_beginning(shop: World) -> None:
    deployment = stages.not_rolled_back(shop)
    Deployment.objects.update(position=2, failures=3, waits=9)

    turning_back.retry_roll_back(deployment=deployment, principal=Principal.person(shop.requester), now=NOON)

    again(deployment)
    assert (deployment.status, deployment.attempt, deployment.position) == ("ROLLBACK_REQUESTED", 1, 0)
    assert (deployment.finished_at, deployment.next_check_at, deployment.failures) == (None, NOON, 0)


def test_only_a_failed_roll_back_is_tried_again(shop: World) -> None:
    with pytest.raises(Refused, match="There is no failed roll back to try again."):
        turning_back.retry_roll_back(
            deployment=stages.under_way(shop), principal=Principal.person(shop.requester), now=NOON
        )


def test_a_retry_waits_for_the_deployment_that_took_its_place(shop: World) -> None:
    failed = stages.not_rolled_back(shop)
    shop.request()

    with pytest.raises(Refused, match="shop/production is busy: 1.1.0 is pending there"):
        turning_back.retry_roll_back(deployment=failed, principal=Principal.person(shop.requester), now=NOON)

    assert again(failed).status == Status.ROLLBACK_FAILED


@pytest.mark.parametrize("status", [Status.SUCCESSFUL, Status.ROLLBACK_SUCCESSFUL, Status.ROLLBACK_FAILED])
def test_a_retry_does_not_undo_what_was_deployed_since(shop: World, status: Status) -> None:
    failed = stages.not_rolled_back(shop)
    later = shop.request()
    Deployment.objects.filter(pk=later.pk).update(status=status, finished_at=NOON)

    with pytest.raises(Refused, match="1.1.0 was deployed to shop/production since"):
        turning_back.retry_roll_back(deployment=failed, principal=Principal.person(shop.requester), now=NOON)

    assert again(failed).status == Status.ROLLBACK_FAILED


def test_a_retry_minds_no_deployment_that_changed_nothing(shop: World) -> None:
    failed = stages.not_rolled_back(shop)
    later = shop.request()
    Deployment.objects.filter(pk=later.pk).update(status=Status.STOPPED, finished_at=NOON)

    turning_back.retry_roll_back(deployment=failed, principal=Principal.person(shop.requester), now=NOON)

    assert again(failed).status == Status.ROLLBACK_REQUESTED


def test_extend_adds_to_what_is_left(shop: World) -> None:
    deployment = stages.warm(shop, hours=1)

    until = warm_time.extend(deployment=deployment, principal=Principal.person(shop.requester), minutes=30, now=NOON)

    assert until == again(deployment).source_kept_until == NOON + timedelta(minutes=90)
    assert deployment.clicks == 1


@pytest.mark.parametrize(
    ("kept", "minutes", "sentence"),
    [
        (3600, 0, "at least one minute"),
        (3600, -5, "at least one minute"),
        (3600, 10**15, "at most 14 days"),
        (3600, 14 * 24 * 60 - 59, "at most 14 days"),
        (0, 30, "no longer kept warm"),
        (-60, 30, "no longer kept warm"),
    ],
)
def test_the_limits_of_extend(shop: World, kept: int, minutes: int, sentence: str) -> None:
    deployment = stages.warm(shop, seconds=kept)

    with pytest.raises(Refused, match=sentence):
        warm_time.extend(deployment=deployment, principal=Principal.person(shop.requester), minutes=minutes, now=NOON)


def test_extend_to_exactly_fourteen_days(shop: World) -> None:
    deployment = stages.warm(shop, hours=1)

    until = warm_time.extend(
        deployment=deployment, principal=Principal.person(shop.requester), minutes=14 * 24 * 60 - 60, now=NOON
    )

    assert until == NOON + timedelta(days=14)


def test_a_warm_time_that_aws_fixes_is_not_extended(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(swaps.get("SERVICE_PAIR"), "warm_time_can_be_extended", False)

    with pytest.raises(Refused, match="AWS itself fixes how long the source is kept here"):
        warm_time.extend(deployment=stages.warm(shop), principal=Principal.person(shop.requester), minutes=5, now=NOON)


def test_before_the_source_is_kept_there_is_nothing_to_extend(shop: World) -> None:
    with pytest.raises(Refused, match="no longer kept warm"):
        warm_time.extend(
            deployment=stages.under_way(shop), principal=Principal.person(shop.requester), minutes=5, now=NOON
        )


def test_a_deployment_that_turned_back_is_not_extended(shop: World) -> None:
    deployment = stages.warm(shop)
    turning_back.stop(deployment=deployment, principal=Principal.person(shop.requester), now=NOON)

    with pytest.raises(Refused, match="Something else happened in the same moment; look again."):
        warm_time.extend(deployment=deployment, principal=Principal.person(shop.requester), minutes=5, now=NOON)


def test_finish_now_ends_the_warm_time(shop: World) -> None:
    deployment = stages.warm(shop)

    warm_time.finish_now(deployment=deployment, principal=Principal.person(shop.requester), now=NOON)

    assert again(deployment).source_kept_until == NOON
    assert Event.objects.filter(message="Warm time ended by requester").count() == 1


def test_a_warm_time_that_aws_ends_is_not_ended_early(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(swaps.get("SERVICE_PAIR"), "warm_time_can_be_ended", False)

    with pytest.raises(Refused, match="AWS itself ends the time that the source is kept here"):
        warm_time.finish_now(deployment=stages.warm(shop), principal=Principal.person(shop.requester), now=NOON)


def test_finish_now_twice_is_told_so(shop: World) -> None:
    deployment = stages.warm(shop)
    warm_time.finish_now(deployment=deployment, principal=Principal.person(shop.requester), now=NOON)

    with pytest.raises(Refused, match="the clean-up is under way or done"):
        warm_time.finish_now(deployment=deployment, principal=Principal.person(shop.requester), now=NOON)
