"""The deployment's page: what it says in every state, and that nothing on it can be made to run as script."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from deployments.delivery.models import Deployment, Gate, Measurement
from deployments.swaps.service_pair import ServicePair
from deployments.vocabulary import Status
from tests.admin.conftest import Browser
from tests.delivery.engine.world import World

EVIL = "<script>alert('x')</script>"


def page(browse: Browser, person: User, deployment: Deployment) -> str:
    answer = browse(person).get(reverse("admin:deployments_deployment_change", args=[deployment.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_pending_deployment_says_what_it_waits_for(world: World, browse: Browser, outsider: User) -> None:
    text = page(browse, outsider, world.request())

    assert "Waiting for a worker to pick it up." in text
    assert "Which slot is live is read from the listener first" in text


def test_at_the_gate_the_page_says_how_many_approvals_there_are(
    at_gate: Deployment, browse: Browser, outsider: User
) -> None:
    text = page(browse, outsider, at_gate)

    assert "Waiting for approval: 0 of 1 given." in text
    assert "2 of 2 healthy" in text
    assert "shop:2" in text


def test_an_approver_gets_both_buttons(at_gate: Deployment, browse: Browser, approver: User) -> None:
    text = page(browse, approver, at_gate)

    assert 'value="approve"' in text
    assert 'value="reject"' in text


def test_whoever_may_not_decide_is_told_why(at_gate: Deployment, browse: Browser, outsider: User) -> None:
    text = page(browse, outsider, at_gate)

    assert 'value="approve"' not in text
    assert "You do not have the right to approve; ask an administrator for it." in text


def test_whoever_may_not_stop_sees_no_button_for_it(at_gate: Deployment, browse: Browser, approver: User) -> None:
    text = page(browse, approver, at_gate)

    assert "do/stop/" not in text
    assert "aria-disabled" not in text
    assert "You do not have the right to stop" not in text


def test_an_approver_is_led_to_the_gate_by_the_bar(at_gate: Deployment, browse: Browser, approver: User) -> None:
    (gate,) = at_gate.gates.all()

    text = page(browse, approver, at_gate)

    bar = text[text.index('class="tg-now"') :]
    assert f'href="{reverse("admin:deployments_gate_change", args=[gate.pk])}"' in bar
    assert "Approve or reject" in bar


def test_whoever_can_do_nothing_has_no_bar(at_gate: Deployment, browse: Browser, outsider: User) -> None:
    assert 'class="tg-now"' not in page(browse, outsider, at_gate)


def test_the_traffic_bar_names_both_slots_and_their_shares(
    shifting: Deployment, browse: Browser, outsider: User
) -> None:
    text = page(browse, outsider, shifting)

    assert 'aria-label="what was live before 90\u00a0%, new 1.1.0 10\u00a0%"' in text
    assert "What was live before serves 90 % of production traffic, and new 1.1.0 serves 10 %." in text


def test_a_warm_deployment_offers_roll_back_extend_and_finish(
    warm: Deployment, browse: Browser, requester: User
) -> None:
    text = page(browse, requester, warm)

    for verb in ("roll-back", "extend", "finish"):
        assert f"do/{verb}/" in text
    assert "do/stop/" not in text
    assert "data-countdown" in text


def test_a_finished_deployment_offers_the_way_back_as_a_deployment(
    world: World, warm: Deployment, browse: Browser, requester: User
) -> None:
    before = world.environment.application.releases.create(version="1.0.0", registered_by="ci")
    now = timezone.now()
    Deployment.objects.filter(pk=warm.pk).update(status=Status.SUCCESSFUL, finished_at=now, source_release=before)

    text = page(browse, requester, warm)

    assert "Go back to 1.0.0" in text
    assert f"?release={before.pk}&amp;environment={world.environment.pk}" in text


def test_a_failed_roll_back_offers_to_retry_it(warm: Deployment, browse: Browser, requester: User) -> None:
    Deployment.objects.filter(pk=warm.pk).update(status=Status.ROLLBACK_FAILED, status_reason="AWS said no")

    text = page(browse, requester, warm)

    assert "do/retry/" in text
    assert "AWS said no" in text


def test_a_failed_roll_back_that_was_deployed_over_offers_no_retry(
    world: World, warm: Deployment, browse: Browser, requester: User
) -> None:
    Deployment.objects.update(status=Status.ROLLBACK_FAILED)
    later = world.request()
    Deployment.objects.filter(pk=later.pk).update(status=Status.SUCCESSFUL)

    assert "do/retry/" not in page(browse, requester, warm)


def test_a_page_that_ended_asks_for_no_updates(warm: Deployment, browse: Browser, outsider: User) -> None:
    assert "data-live=" in page(browse, outsider, warm)
    Deployment.objects.filter(pk=warm.pk).update(status=Status.SUCCESSFUL)

    assert "data-live=" not in page(browse, outsider, warm)


def test_a_failure_shows_what_was_kept_of_it(warm: Deployment, browse: Browser, outsider: User) -> None:
    failure: dict[str, Any] = {
        "sentence": "Not healthy after 120 s",
        "health": [{"target": "10.0.0.1:8000", "state": "unhealthy", "reason": "Target.Timeout", "description": ""}],
        "stopped_tasks": [{"id": "abcdef123456", "reason": "Essential container exited", "exit_codes": {"web": 137},
                           "reasons": {"web": "OutOfMemoryError"}}],
        "log": ["booting", EVIL],
    }  # fmt: skip
    Deployment.objects.filter(pk=warm.pk).update(failure=failure)

    text = page(browse, outsider, warm)

    for said in ("Target.Timeout", "web ended with exit code 137", "OutOfMemoryError", "booting"):
        assert said in text


def test_nothing_that_people_or_containers_write_becomes_markup(
    warm: Deployment, browse: Browser, outsider: User
) -> None:
    warm.facts |= {
        "difference": [["+", EVIL]], "smoke": [{"ok": False, "sentence": EVIL}],
        "tasks": [{"name": EVIL, "exit_code": 1, "log": [EVIL]}],
    }  # fmt: skip
    written = {"failure": {"log": [EVIL]}, "reason": EVIL, "status_reason": EVIL, "waiting_for": EVIL}
    Deployment.objects.filter(pk=warm.pk).update(facts=warm.facts, **written)
    warm.gates.get().approvals.update(comment=EVIL)

    text = page(browse, outsider, warm)

    assert EVIL not in text
    assert text.count("&lt;script&gt;") >= 7


def test_every_member_of_facts_and_evidence_may_be_missing(
    at_gate: Deployment, browse: Browser, approver: User
) -> None:
    Deployment.objects.filter(pk=at_gate.pk).update(facts={}, percent=0, preflight=[], targets=[], failure=None)
    Gate.objects.update(evidence={})

    assert "Your decision is needed" in page(browse, approver, at_gate)


def test_a_stage_that_aws_adds_later_is_shown(shifting: Deployment, browse: Browser, outsider: User) -> None:
    shifting.plan["steps"][0]["stage"] = "WARM_CACHES"
    shifting.save(update_fields=["plan"])

    assert "Warm caches" in page(browse, outsider, shifting)


def test_the_page_asks_the_database_a_bounded_number_of_times(
    world: World, shifting: Deployment, browse: Browser, approver: User, django_assert_max_num_queries: Any
) -> None:
    now = timezone.now()
    Measurement.objects.bulk_create(
        Measurement(deployment=shifting, at=now + timedelta(seconds=n), slot=slot, healthy=2, targets=2, requests=n,
                    errors_5xx=0, latency_ms=100.0)
        for n in range(200) for slot in ("blue", "green")
    )  # fmt: skip
    client = browse(approver)

    with django_assert_max_num_queries(40):
        client.get(reverse("admin:deployments_deployment_change", args=[shifting.pk]))


def test_without_slots_there_is_no_traffic_bar(world: World, browse: Browser, outsider: User) -> None:
    deployment = world.request()
    deployment.settings |= {"blue_service": "", "green_service": ""}
    deployment.save(update_fields=["settings"])

    assert "Production traffic</h3>" not in page(browse, outsider, deployment)


def test_evidence_of_one_service_without_slots_is_shown_by_its_name(
    at_gate: Deployment, browse: Browser, approver: User
) -> None:
    traffic = {"requests": 1, "errors_5xx": 0, "latency_ms": 12.4}
    Gate.objects.update(evidence={"health": {"api": "1 of 2 tasks run"}, "traffic": {"api": traffic}})

    text = page(browse, approver, at_gate)

    for said in ("api", "1 of 2 tasks run", "1 request, 0 5xx, 12 ms"):
        assert said in text


def test_whatever_else_was_measured_is_shown_beside_its_slot_or_service(
    at_gate: Deployment, browse: Browser, approver: User
) -> None:
    figures = [
        {"side": "green", "title": "CPU utilization", "value": 41.5, "unit": "%"},
        {"side": "api", "title": "Open connections", "value": 12, "unit": ""},
        {"side": "api", "title": "Queue length", "value": None, "unit": ""},
    ]
    Gate.objects.update(evidence={"figures": figures})

    text = page(browse, approver, at_gate)

    assert "CPU utilization 41.5 %" in text
    assert "Open connections 12" in text
    assert "Queue length" not in text


def test_what_ecs_said_of_a_failure_is_shown(warm: Deployment, browse: Browser, outsider: User) -> None:
    told = ["(service api) was unable to place a task", "(service api) deployment failed"]
    Deployment.objects.filter(pk=warm.pk).update(failure={"events": told})

    text = page(browse, outsider, warm)

    assert all(said in text for said in told)


@pytest.mark.parametrize(("extendable", "endable"), [(False, True), (False, False), (True, True)])
def test_the_warm_time_is_extended_and_ended_where_the_controller_can(
    warm: Deployment,
    browse: Browser,
    requester: User,
    monkeypatch: pytest.MonkeyPatch,
    extendable: bool,
    endable: bool,
) -> None:
    controller = ServicePair
    monkeypatch.setattr(controller, "warm_time_can_be_extended", extendable)
    monkeypatch.setattr(controller, "warm_time_can_be_ended", endable)

    text = page(browse, requester, warm)

    for verb, there in (("extend", extendable), ("finish", endable)):
        assert (f'data-dialog="do-{verb}"' in text) == there
        assert (f'id="do-{verb}"' in text) == there


def test_preflight_is_kept_in_groups_worst_first(warm: Deployment, browse: Browser, outsider: User) -> None:
    results = [
        {"check": "account", "level": "ok", "seen": "This is account 1."},
        {"check": "a", "level": "unknown", "seen": "Not looked at."},
        {"check": "b", "level": "unknown", "seen": "Not looked at."},
        {"check": "image", "level": "error", "seen": "The tag does not exist.", "fix": "Push it."},
        {},
    ]
    Deployment.objects.filter(pk=warm.pk).update(preflight=results)

    text = page(browse, outsider, warm)

    assert "Preflight: 1 error, 3 not looked at, 1 fine" in text
    assert text.index("The tag does not exist.") < text.index("Not looked at.") < text.index("This is account 1.")
    assert text.count("Not looked at.") == 1


def test_until_the_first_look_says_more_the_step_says_what_it_is_about(
    world: World, browse: Browser, outsider: User
) -> None:
    deployment = world.request()
    Deployment.objects.filter(pk=deployment.pk).update(status=Status.IN_PROGRESS)

    assert "Preflight, find the live slot from the listener&#x27;s weights" in page(browse, outsider, deployment)


def test_a_finished_deployment_says_so_first(warm: Deployment, browse: Browser, outsider: User) -> None:
    Deployment.objects.filter(pk=warm.pk).update(status=Status.SUCCESSFUL, status_reason="1 of 1 task runs")

    assert "Finished: 1 of 1 task runs." in page(browse, outsider, warm)


def test_a_finished_deployment_with_a_warning_names_what_failed(
    warm: Deployment, browse: Browser, outsider: User
) -> None:
    warm.status, warm.facts = Status.SUCCESSFUL, {**warm.facts, "warnings": ["Server i-2 failed & serves nobody."]}
    warm.save()

    text = page(browse, outsider, warm)

    assert "With a warning" in text
    assert "Server i-2 failed &amp; serves nobody." in text


def test_which_tasks_are_waited_for_is_one_click_away(at_gate: Deployment, browse: Browser, outsider: User) -> None:
    held = {"id": "0123abcd", "task_definition": "arn:aws:ecs:eu-central-1:1:task-definition/shop:1"}
    until = "2026-03-02T12:40:00+00:00"
    Deployment.objects.filter(pk=at_gate.pk).update(facts={**at_gate.facts, "held": [{**held, "until": until}]})

    text = page(browse, outsider, at_gate)

    assert "Which task</summary>" in text
    assert "0123abcd" in text
    assert "shop:1" in text
    assert "2026-03-02" in text
    assert "Nothing times out meanwhile." in text
    Deployment.objects.filter(pk=at_gate.pk).update(status=Status.SUCCESSFUL)
    assert "Which task" not in page(browse, outsider, at_gate)
