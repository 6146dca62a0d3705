"""What people read: the subject tells it all, and the body has what changes, the evidence and one page."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from deployments.catalog.models import Release
from deployments.delivery import approvals
from deployments.delivery.models import Deployment, Gate
from deployments.people.principal import Principal
from deployments.record.append import append_event
from deployments.record.models import Event
from deployments.swaps.reports import OneOffTaskRun
from deployments.telling.notifications import rendering, wording
from deployments.telling.notifications.content import Content
from deployments.telling.notifications.kinds import Kind
from deployments.vocabulary import Status
from tests.delivery import stages
from tests.delivery.engine.world import World, make_release, make_world
from tests.telling.notifications.hostile import HOSTILE


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def at_gate(world: World) -> tuple[Deployment, Gate]:
    deployment = world.run(world.request())
    return deployment, deployment.gates.open().get()


def newest(deployment: Deployment, kind: str) -> Event:
    return deployment.events.filter(kind=kind).latest("id")


def said(world: World, event: Event, kind: Kind) -> Content:
    content = wording.content_of(event, kind, world.clock())
    assert content
    return content


def test_an_approver_reads_what_waits_who_asks_and_until_when(world: World) -> None:
    deployment, gate = at_gate(world)

    content = said(world, newest(deployment, "gate.opened"), Kind.GATE_WAITS)

    assert content.subject == "Waits for you: shop 1.1.0 to production"
    assert content.sentences == (
        "It needs 1 approval from anyone with the right to approve, not from who asked for it.",
        f"It is rolled back if nobody decides by {gate.expires_at:%Y-%m-%d %H:%M} UTC, in 1 h.",
    )
    facts = dict(content.facts)
    assert (facts["Asked by"], facts["Reason"]) == ("requester", "because")
    assert (content.gate, content.path, content.tone) == (gate.pk, f"/deployments/gate/{gate.pk}/change/", "waits")
    assert content.place == "shop/production"


def test_an_approver_reads_the_evidence_and_how_old_it_is(world: World) -> None:
    deployment, _ = at_gate(world)
    world.clock.forward(seconds=90)

    evidence = said(world, newest(deployment, "gate.opened"), Kind.GATE_WAITS).evidence

    assert evidence[0].startswith("Read from AWS at 2026-03-02 12:")
    assert evidence[0].endswith(", 1 min 30 s before this was written.")
    assert any(line.startswith("New 1.1.0: 0 % of traffic, 2 of 2 healthy") for line in evidence)


def test_an_approver_reads_what_changes(world: World) -> None:
    application = world.environment.application
    old = make_release(application, "1.2.0", "3")
    Release.objects.create(
        application=application, version="1.3.0", registered_by="ci", git_sha="c" * 40, notes="Sells bicycles\nmore"
    )
    world.release = make_release(application, "1.4.0", "4")
    world.environment.live_release = old
    world.environment.save()
    deployment, _ = at_gate(world)
    difference = [["+", '"cpu": 512'], [" ", '"memory": 1024'], ["-", '"cpu": 256'], ["+", '"image": "shop"']]
    Deployment.objects.update(source_release=old, facts={**deployment.facts, "difference": difference})

    changes = said(world, newest(deployment, "gate.opened"), Kind.GATE_WAITS).changes

    assert changes == (
        "1.4.0, registered without notes",
        "Also 1.3.0 (commit cccccccccccc): Sells bicycles",
        f"Image of container web: shop@sha256:{'3' * 12} → shop@sha256:{'4' * 12}",
        'Task definition: + "cpu": 512',
        'Task definition: - "cpu": 256',
    )


def test_long_notes_and_settings_that_changed_are_told_in_short(world: World) -> None:
    first = world.request()
    Deployment.objects.update(status=Status.SUCCESSFUL, next_check_at=None, finished_at=world.clock())
    world.environment.bake_seconds, world.environment.test_url = 300, "http://secret@test.example"
    world.environment.save()
    world.release = make_release(world.environment.application, "2.0.0", "5")
    Release.objects.filter(version="2.0.0").update(notes="\n".join(f"line {number}" for number in range(200)))
    _, gate = at_gate(world)

    content = wording.reminder(gate, "AFTER", world.clock())

    assert content
    assert first.pk != gate.deployment_id
    assert "There are more notes on the release's page." in content.changes
    assert "Setting bake seconds: 60 → 300" in content.changes
    assert "Setting test url changed" in content.changes
    assert len(content.changes) < 30


def test_a_reminder_says_how_long_it_waited_and_the_last_one_how_long_is_left(world: World) -> None:
    gate = stages.at_gate(world)
    world.clock.forward(minutes=50)

    after, last = (wording.reminder(gate, which, world.clock()) for which in ("AFTER", "BEFORE"))

    assert after and last
    assert after.subject == "Still waits for you: shop 1.1.0 to production"
    assert "It has waited for 50 min." in after.sentences
    assert last.subject == "Only 10 min left: shop 1.1.0 to production"


def test_a_channel_is_not_told_that_it_waits_for_you(world: World) -> None:
    gate = stages.at_gate(world)
    after = wording.reminder(gate, "AFTER", world.clock())

    assert after
    assert wording.to_a_channel(after).subject == "Still waits for approval: shop 1.1.0 to production"
    live = Content(subject="Live: shop 1.1.0 on production")
    assert wording.to_a_channel(live) == live


def test_nobody_is_told_that_a_gate_waits_which_was_decided_or_whose_time_is_over(world: World) -> None:
    deployment, gate = at_gate(world)
    opened = newest(deployment, "gate.opened")
    over = world.clock() + timedelta(hours=2)
    assert wording.content_of(opened, Kind.GATE_WAITS, over) is None

    world.approve(deployment)

    assert wording.content_of(opened, Kind.GATE_WAITS, world.clock()) is None
    assert wording.reminder(gate, "AFTER", world.clock()) is None


def test_a_requester_reads_who_approved_and_what_they_said(world: World) -> None:
    deployment, _ = at_gate(world)
    world.approve(deployment)

    content = said(world, newest(deployment, "gate.approved"), Kind.GATE_DECIDED)

    assert content.subject == "Approved: shop 1.1.0 to production"
    assert content.sentences[0] == "Approved by approver: fine."
    assert content.gate is None


def test_one_approval_of_two_is_not_told_as_the_decision(world: World) -> None:
    gate = stages.at_gate(world, approvals_needed=2)
    world.approve(gate.deployment)

    content = said(world, newest(gate.deployment, "gate.approved"), Kind.GATE_DECIDED)

    assert content.subject == "Approved by 1 of 2: shop 1.1.0 to production"
    assert content.sentences[1] == "1 more approval is needed."
    assert ("Approvals so far", "1 of 2 given, by approver") in content.facts


def test_a_requester_reads_why_it_was_rejected(world: World) -> None:
    deployment, gate = at_gate(world)
    approvals.reject(gate=gate, principal=Principal.person(world.approver), comment="not on Friday", now=world.clock())

    content = said(world, newest(deployment, "gate.rejected"), Kind.GATE_DECIDED)

    assert content.subject == "Rejected: shop 1.1.0 to production"
    assert content.sentences == ("Rejected by approver: not on Friday.", "It is turned back now.")
    assert content.tone == "bad"


def test_everybody_reads_that_nobody_decided(world: World) -> None:
    deployment, gate = at_gate(world)
    world.clock.now = gate.expires_at + timedelta(seconds=1)
    world.advance(deployment)

    content = said(world, newest(deployment, "gate.timed_out"), Kind.GATE_DECIDED)

    assert content.subject == "Nobody decided: shop 1.1.0 to production"


def test_a_release_that_is_live_says_so_and_how_long_it_can_go_back(world: World) -> None:
    deployment, _ = at_gate(world)
    world.approve(deployment)
    world.run(deployment, until="CLEAN_UP")

    content = said(world, deployment.events.filter(kind="stage.succeeded").latest("id"), Kind.LIVE)

    assert content.subject == "Live: shop 1.1.0 on production"
    assert any("stays warm until" in sentence and "in 10 min" in sentence for sentence in content.sentences)


def test_a_roll_back_tells_why_what_was_seen_and_the_end_of_the_log(world: World) -> None:
    old = make_release(world.environment.application, "1.0.0", "1")
    failure = {
        "health": [{"target": "10.0.0.1:8000", "state": "unhealthy", "reason": "Target.Timeout"}],
        "stopped_tasks": [{"id": "abc", "reason": "Essential container exited", "exit_codes": {"web": 137}}],
        "log": [f"line {number} {'x' * 90}" for number in range(20_000)],
    }
    columns = {"failure": failure, "source_release": old, "source_slot": "blue", "target_slot": "green"}
    deployment = stages.under_way(world, **columns)
    event = append_event(
        deployment, "deployment.rollback_successful", "Not healthy. Rolled back: done", now=world.clock()
    )

    content = said(world, event, Kind.TURNED_BACK)

    assert content.subject == "Turned back: shop 1.1.0 on production, 1.0.0 has all traffic"
    assert content.sentences == ("Not healthy. Rolled back: done.",)
    assert content.is_news
    assert content.evidence == (
        "Target 10.0.0.1:8000 of the load balancer is unhealthy: Target.Timeout",
        "Task abc stopped, web with exit code 137: Essential container exited",
    )
    assert len(content.log_tail.encode()) <= 4_000
    assert content.log_tail.startswith("(Shortened: the last ")
    assert content.log_tail.endswith(f"line 19999 {'x' * 90}")


@pytest.mark.parametrize(
    ("kind", "as_kind", "subject"),
    [
        ("deployment.rollback_started", Kind.TURNED_BACK, "Turning back: shop 1.1.0 on production"),
        ("deployment.stopped", Kind.TURNED_BACK, "Stopped: shop 1.1.0 on production, what ran stays live"),
        ("deployment.rollback_failed", Kind.ROLLBACK_FAILED,
         "Roll back failed: shop 1.1.0 on production, somebody has to look"),
        ("deployment.failed", Kind.STUCK,
         "Failed: shop 1.1.0 on production was left where it is, somebody has to look"),
        ("deployment.stuck", Kind.STUCK, "Stuck: shop 1.1.0 on production makes no progress"),
        ("stage.succeeded", Kind.STUCK, "Moves again: shop 1.1.0 on production"),
    ],
)  # fmt: skip
def test_the_subject_tells_how_it_stands(world: World, kind: str, as_kind: Kind, subject: str) -> None:
    event = append_event(stages.under_way(world), kind, "Something was seen", now=world.clock())

    content = said(world, event, as_kind)

    assert content.subject == subject
    assert content.sentences[0] == "Something was seen."
    assert content.path.startswith("/deployments/deployment/")


def test_a_failed_one_off_task_tells_the_end_of_its_own_log(world: World) -> None:
    task = OneOffTaskRun(name="migrate", exit_code=1, log=("no such table",))
    deployment = stages.under_way(world)
    Deployment.objects.update(facts={**deployment.facts, "tasks": [vars(task)]})
    event = append_event(deployment, "deployment.rollback_started", "migrate failed", now=world.clock())

    assert said(world, event, Kind.TURNED_BACK).log_tail == "no such table"


def test_whatever_people_typed_is_told_to_the_end(world: World) -> None:
    gate = stages.at_gate(world)
    for typed in HOSTILE.values():
        Deployment.objects.update(
            reason=typed.replace("\x00", "").replace("\ud83d", "")[:500]
        )  # no database keeps these

        content = wording.reminder(gate, "AFTER", world.clock())

        assert content
        assert Content.of_json(content.as_json()) == content
        assert rendering.text(content, "https://t.example").endswith(f"https://t.example{content.path}\n")


def test_an_event_without_a_deployment_says_nothing(world: World) -> None:
    event = append_event(world.environment, "environment.locked", "Locked", now=world.clock())

    assert wording.content_of(event, Kind.STUCK, world.clock()) is None


def test_fifty_messages_become_one_by_place_with_the_worst_tone() -> None:
    contents = [
        Content(subject=f"Live: shop 1.{number} on env{number % 3}", place=f"shop/env{number % 3}", tone="good")
        for number in range(49)
    ]
    contents.append(Content(subject="Turned back: shop 1.49 on env1", place="shop/env1", tone="bad"))

    content = wording.summary(contents)

    assert content.subject == "50 messages: 49 × live, 1 × turned back"
    assert content.tone == "bad"
    facts: Mapping[str, str] = dict(content.facts)
    assert list(facts) == ["shop/env1 (17)", "shop/env0 (17)", "shop/env2 (16)"]
    assert facts["shop/env1 (17)"].splitlines()[0] == "Turned back: shop 1.49 on env1"
    assert facts["shop/env1 (17)"].splitlines()[-1] == "and 12 earlier ones"


def test_what_is_about_tealgate_is_counted_as_that() -> None:
    contents = [Content(subject="Tealgate: No worker works"), Content(subject="Live: shop 1.1.0 on production")]

    assert wording.summary(contents).subject == "2 messages: 1 × about Tealgate itself, 1 × live"


def test_gates_are_counted_together_however_much_time_or_how_many_approvals_they_have() -> None:
    subjects = ("Only 15 min left", "Only 1 h left", "Approved by 1 of 2", "Approved", "Somebody is at it", "New here")
    contents = [Content(subject=f"{each}: shop 1.1.0 to production") for each in subjects]

    assert wording.summary(contents).subject == (
        "6 messages: 2 × little time left, 2 × approved, 1 × somebody is at it, 1 × new here"
    )


def test_one_message_needs_no_summary() -> None:
    content = Content(subject="Live: shop 1.0 on production")

    assert wording.summary([content]) is content


def test_a_week_says_what_went_live_where_and_how_long_people_were_waited_for(world: World) -> None:
    gate = stages.at_gate(world, closed_at=world.clock() + timedelta(minutes=5), status="SUCCEEDED")
    Deployment.objects.update(status=Status.SUCCESSFUL, next_check_at=None, finished_at=world.clock())
    now = world.clock() + timedelta(days=1)

    content = wording.weekly([world.environment.application_id], now)

    assert content
    assert content.subject == "Your week: 1 live"
    assert content.facts == (
        ("shop/production",
         "1 live; the newest is 1.1.0; a gate waited 5 min"),
    )  # fmt: skip
    assert wording.weekly([], now) is None
    assert wording.weekly(None, now + timedelta(days=7)) is None
    assert gate.pk
