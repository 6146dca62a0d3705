from datetime import datetime, timedelta

import pytest
from django.test import Client, RequestFactory
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import DjangoAssertNumQueries, Settings

from config import __version__
from deployments.delivery.models import Deployment, Gate
from deployments.ops import aws_calls, metrics
from deployments.ops.alerts import keeping
from deployments.ops.models import AwsCallCount, Certificate, Heartbeat
from deployments.record.append import append_event
from deployments.telling.notifications.kinds import Kind
from deployments.telling.notifications.models import Message, NotificationAddress, NotificationChannel
from deployments.telling.webhooks.models import WebhookDelivery, WebhookSubscription
from deployments.vocabulary import GateStatus
from tests.delivery.engine.world import make_world
from tests.ops.rows import make_token
from tests.outages import away

pytestmark = pytest.mark.django_db


def scrape(client: Client) -> dict[tuple[str, ...], float]:
    """Sample name and label values (by the labels' names) to value."""
    answer = client.get("/metrics")
    assert answer.status_code == 200, answer.content
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


def test_deployments_are_counted_by_environment_and_status(client: Client) -> None:
    world = make_world()
    world.request()

    environment = world.environment
    key = ("tealgate_deployments", environment.application.slug, environment.name, "PENDING")
    assert scrape(client)[key] == 1


def test_the_version_that_answers_is_a_label(client: Client) -> None:
    assert scrape(client)["tealgate_build_info", __version__] == 1


def test_finished_steps_are_a_histogram(client: Client) -> None:
    world = make_world()
    deployment = world.request()
    for position, seconds in enumerate((4, 45)):
        deployment.stage_runs.create(
            stage="SCALE_UP",
            position=position,
            started_at=world.clock.now,
            finished_at=world.clock.now + timedelta(seconds=seconds),
            outcome="SUCCEEDED",
        )
    deployment.stage_runs.create(stage="SCALE_UP", position=9, started_at=world.clock.now)

    seen = scrape(client)

    name = "tealgate_stage_duration_seconds"
    assert seen[f"{name}_bucket", "5.0", "SUCCEEDED", "SCALE_UP"] == 1
    assert seen[f"{name}_bucket", "60.0", "SUCCEEDED", "SCALE_UP"] == 2
    assert seen[f"{name}_count", "SUCCEEDED", "SCALE_UP"] == 2
    assert seen[f"{name}_sum", "SUCCEEDED", "SCALE_UP"] == 49


def test_gates_tell_how_long_people_took_and_how_long_one_waits(client: Client) -> None:
    world = make_world()
    deployment = world.request()
    now = timezone.now()
    _gate(deployment, position=0, opened=now - timedelta(hours=2), waited=timedelta(minutes=2))
    _gate(deployment, position=1, opened=now - timedelta(hours=1), waited=None)

    seen = scrape(client)

    assert seen["tealgate_gate_waiting_seconds_sum", "SUCCEEDED"] == 120
    assert seen["tealgate_open_gates",] == 1
    assert seen["tealgate_open_gate_oldest_seconds",] == pytest.approx(3600, abs=60)


def test_the_engine_tells_how_late_it_is(client: Client) -> None:
    world = make_world()
    deployment = world.request()
    now = timezone.now()
    Deployment.objects.filter(pk=deployment.pk).update(next_check_at=now - timedelta(seconds=30))
    Heartbeat.objects.create(beat_at=now - timedelta(seconds=70))

    seen = scrape(client)

    assert seen["tealgate_due_deployments",] == 1
    assert seen["tealgate_due_oldest_seconds",] == pytest.approx(30, abs=10)
    assert seen["tealgate_heartbeat_age_seconds",] == pytest.approx(70, abs=10)
    assert seen["tealgate_queue_depth",] == 0


def test_calls_to_aws_are_counted_over_all_processes(client: Client) -> None:
    for _ in range(2):  # as two processes would
        aws_calls.count("DescribeServices", "ok", 0.1)
        aws_calls.count("DescribeServices", "throttled", 0.1)
        aws_calls.flush(force=True)

    seen = scrape(client)

    assert seen["tealgate_aws_calls_total", "DescribeServices", "ok"] == 2
    assert seen["tealgate_aws_calls_total", "DescribeServices", "throttled"] == 2


def test_counts_are_written_in_batches(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    aws_calls.count("DescribeServices", "ok", 0.1)
    aws_calls.flush(force=True)
    for _ in range(100):
        aws_calls.count("DescribeServices", "ok", 0.1)

    with django_assert_num_queries(0):
        aws_calls.flush()
    with django_assert_num_queries(1):
        aws_calls.flush(force=True)
    assert AwsCallCount.objects.get().count == 101


def test_a_scrape_costs_few_queries(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    world = make_world()
    for _ in range(3):
        deployment = world.request()
        Deployment.objects.filter(pk=deployment.pk).update(status="STOPPED")
    client.get("/metrics")  # calls on AWS that earlier tests counted in this process are written down first

    with django_assert_num_queries(17):
        client.get("/metrics")


@pytest.mark.parametrize(
    ("peer", "headers", "allowed"),
    [
        ("127.0.0.1", {}, True),
        ("::1", {}, True),
        ("", {}, True),
        ("10.0.0.9", {}, False),
        ("127.0.0.1", {"X-Forwarded-For": "198.51.100.7"}, False),
        ("127.0.0.1", {"Forwarded": "for=198.51.100.7"}, False),
    ],
)
def test_without_a_token_only_this_machine_may_look(
    peer: str, headers: dict[str, str], allowed: bool, rf: RequestFactory
) -> None:
    request = rf.get("/metrics", REMOTE_ADDR=peer, headers=headers)

    assert (metrics.refusal_for(request) == "") is allowed


@pytest.mark.parametrize(
    ("given", "allowed"), [("Bearer 0123456789abcdef", True), ("Bearer wrong", False), ("", False), ("ü", False)]
)
def test_with_a_token_whoever_shows_it_may_look(
    given: str, allowed: bool, settings: Settings, rf: RequestFactory
) -> None:
    settings.METRICS_TOKEN = "0123456789abcdef"
    request = rf.get("/metrics", headers={"Authorization": given})

    assert (metrics.refusal_for(request) == "") is allowed


def _gate(deployment: Deployment, *, position: int, opened: datetime, waited: timedelta | None) -> None:
    Gate.objects.create(
        deployment=deployment,
        stage="POST_TEST_TRAFFIC_SHIFT",
        position=position,
        status=GateStatus.SUCCEEDED if waited else GateStatus.AWAITING_ACTION,
        opened_at=opened,
        closed_at=opened + waited if waited else None,
        expires_at=opened,
    )


def test_a_deployment_that_nobody_looks_at_is_told_by_its_environment(client: Client) -> None:
    world = make_world()
    deployment = world.request()
    Deployment.objects.update(watched_until=timezone.now() - timedelta(seconds=90))
    append_event(deployment, "deployment.unwatched", "Not watched", now=timezone.now())

    seen = scrape(client)

    place = (world.environment.application.slug, world.environment.name)
    assert 90 <= seen["tealgate_unwatched_seconds", *place] < 120
    assert seen["tealgate_unwatched_gaps_total",] == 1


def test_webhooks_tell_what_waits_and_what_was_turned_off(client: Client) -> None:
    now = timezone.now()
    for name, off in (("chat", ""), ("gone", "410 Gone")):
        webhook = WebhookSubscription.objects.create(
            name=name, url="https://hooks.example.com/", secret="whsec_eA==", made_at=now, on_since=now,
            is_on=not off, off_reason=off,
        )  # fmt: skip
        for number, status in enumerate(("WAITING", "FAILED", "DELIVERED")):
            WebhookDelivery.objects.create(
                subscription=webhook, chain="environment:1", number=number, message_id="x", kind="x", body="{}",
                status=status, made_at=now - timedelta(hours=1), due_at=now,
            )  # fmt: skip

    shown = scrape(client)

    assert [shown[f"tealgate_webhook_{name}",] for name in ("waiting", "failed", "off")] == [1, 2, 1]
    assert 3600 <= shown["tealgate_webhook_oldest_seconds",] < 3700


def test_a_first_failure_rises_from_zero(client: Client) -> None:
    world = make_world()
    world.request()
    AwsCallCount.objects.create(operation="DescribeServices", outcome="ok", count=7)

    shown = scrape(client)

    place = (world.environment.application.slug, world.environment.name)
    assert shown["tealgate_deployments", *place, "ROLLBACK_FAILED"] == 0
    assert shown["tealgate_aws_calls_total", "DescribeServices", "denied"] == 0


def test_without_a_database_that_is_what_is_told(client: Client) -> None:
    with away(lambda: True):
        shown = scrape(client)

    assert shown == {("tealgate_build_info", __version__): 1, ("tealgate_database_up",): 0}
    assert scrape(client)["tealgate_database_up",] == 1


def test_operators_see_what_is_open_and_what_ends(client: Client) -> None:
    now = timezone.now()
    keeping.raise_(keeping.Found(kind=Kind.CREDENTIALS_REFUSED, said="Refused.", since=now), now)
    Certificate.objects.create(host="t.example:443", ends_at=now + timedelta(days=2), looked_at=now)
    ends = now + timedelta(days=1)
    make_token(name="job", made_at=ends - timedelta(minutes=15), expires_at=ends)
    make_token(name="ci", made_at=ends - timedelta(days=90), expires_at=ends + timedelta(days=1))

    shown = scrape(client)

    assert shown["tealgate_operator_alerts", "credentials_refused"] == 1
    assert shown["tealgate_operator_alerts", "worker_silent"] == 0
    assert shown["tealgate_certificate_ends_seconds", "t.example:443"] == pytest.approx(2 * 86400, abs=60)
    assert shown["tealgate_token_ends_seconds",] == pytest.approx(2 * 86400, abs=60)


def test_messages_tell_what_is_due_and_which_addresses_were_turned_off(client: Client) -> None:
    now = timezone.now()
    channel = NotificationChannel.objects.create(name="ops", made_at=now)
    for number, off in enumerate(("", "404: the room is gone.")):
        address = NotificationAddress.objects.create(
            channel=channel, service="slack", url="slack://", shown="slack", made_at=now, is_on=not off, off_reason=off
        )
        for due, status in (
            (now - timedelta(hours=1), "WAITING"),
            (now + timedelta(hours=1), "WAITING"),
            (now, "FAILED"),
        ):
            Message.objects.create(
                address=address, key=f"{number} {due} {status}", kind="live", thread="t", status=status, made_at=now,
                due_at=due,
            )  # fmt: skip

    shown = scrape(client)

    assert [shown[f"tealgate_notification_{name}",] for name in ("waiting", "failed", "off")] == [1, 2, 1]
    assert 3600 <= shown["tealgate_notification_oldest_seconds",] < 3700
