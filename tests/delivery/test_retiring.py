"""What has lost its stack is retired with its history, is untouchable by every service, and gives its name free."""

from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.management import CommandError, call_command

from deployments.catalog import discovery, environments, holding, looking, outside, releases, restoring, unattended
from deployments.catalog.discovery.proposal import Proposal
from deployments.catalog.models import Application, Environment, Release
from deployments.delivery import adoption, moves, requests, retiring, turning_back
from deployments.delivery.admission import Candidate
from deployments.delivery.models import Deployment, Move, PipelineAnswer
from deployments.delivery.views.board import board_view
from deployments.delivery.views.deployment import deployment_view, load
from deployments.moving.values import Wanted
from deployments.people.principal import Principal
from deployments.record.models import Event
from deployments.refused import Refused
from deployments.swaps.base import Live
from deployments.vocabulary import Status
from tests.delivery import stages
from tests.delivery.engine.world import NOON, World, make_environment, make_release
from tests.fakes.pipeline import ACTION

REASON = "Moved to the new account"
REFUSED = r"shop/production was retired by requester at 2026-03-02 12:00 UTC: Moved .* Bring it back on its page first"
RIGHTS = ("retire_environment", "retire_application", "change_environment", "lock_environment", "add_release")


@pytest.fixture
def shop(shop: World) -> World:
    """The requester may do everything."""
    shop.requester.user_permissions.add(*Permission.objects.filter(codename__in=RIGHTS))
    shop.requester = User.objects.get(pk=shop.requester.pk)
    return shop


def who(shop: World) -> Principal:
    return Principal.person(User.objects.get(pk=shop.requester.pk))


def retire(shop: World, reason: str = REASON) -> None:
    retiring.retire(environment=shop.environment, principal=who(shop), reason=reason, now=NOON)


def retire_all(shop: World) -> None:
    retiring.retire_application(application=shop.environment.application, principal=who(shop), reason=REASON, now=NOON)


def bring_back(shop: World) -> None:
    retiring.bring_back(environment=shop.environment, principal=who(shop), now=NOON)


def ended(shop: World, status: Status = Status.SUCCESSFUL) -> Deployment:
    """1.1.0 is live; it came from 1.0.0."""
    before = make_release(shop.environment.application, "1.0.0", "1")
    deployment = shop.request()
    Deployment.objects.update(
        status=status, next_check_at=None, finished_at=NOON, source_release=before, started_at=NOON
    )
    Environment.objects.update(live_release=shop.release, live_slot="green", live_since=NOON)
    deployment.refresh_from_db()
    shop.environment.refresh_from_db()
    return deployment


def verify() -> str:
    out = StringIO()
    call_command("verify_events", stdout=out, stderr=out)
    return out.getvalue()


def another(shop: World, **changes: Any) -> Environment:
    return make_environment(application=shop.environment.application, **changes)


def test_who_when_and_why_are_kept_and_told(shop: World) -> None:
    retire(shop, f" {REASON}. ")

    sentence = f"shop/production was retired by requester at 2026-03-02 12:00 UTC: {REASON}."
    assert Environment.objects.get().retired_sentence == sentence
    event = Event.objects.get()
    assert (event.kind, event.actor, event.message) == ("environment.retired", "requester", f"Retired: {REASON}.")
    assert "service shop-blue of cluster shop" in event.data["was deployed to"]


def test_it_needs_a_right_and_a_reason(shop: World) -> None:
    with pytest.raises(Refused, match="Say why it is retired") as caught:
        retire(shop, " ")
    shop.requester.user_permissions.clear()
    with pytest.raises(Refused, match="You do not have the right to retire environments"):
        retire(shop)
    with pytest.raises(Refused, match="You do not have the right to retire applications"):
        retire_all(shop)

    assert caught.value.field == "reason"
    assert not Event.objects.exists()


def test_it_waits_for_what_is_under_way(shop: World) -> None:
    deployment = shop.request()
    for attempted in (retire, retire_all):
        with pytest.raises(Refused, match=r"is busy: 1.1.0 .* Wait for it, finish it or stop it first"):
            attempted(shop)
    Deployment.objects.filter(pk=deployment.pk).update(status=Status.STOPPED, finished_at=NOON)
    move = Move.objects.create(
        environment=shop.environment, to="ECS", frozen={}, wanted={}, origin={}, before={}, begun_at=NOON
    )
    with pytest.raises(Refused, match="is moving to another way to deploy. Finish the move"):
        retire(shop)
    move.delete()
    retire(shop)

    assert Environment.objects.get().is_retired


def test_it_is_retired_and_brought_back_once(shop: World) -> None:
    retire(shop)
    with pytest.raises(Refused, match=REFUSED):
        retire(shop, "Again")
    bring_back(shop)
    with pytest.raises(Refused, match="shop/production is in use."):
        bring_back(shop)

    assert [event.kind for event in Event.objects.all()] == ["environment.retired", "environment.brought_back"]
    assert shop.request().status == "PENDING"


def lock(shop: World, principal: Principal) -> None:
    environments.lock(environment=shop.environment, principal=principal, message="Freeze", now=NOON)


def unlock(shop: World, principal: Principal) -> None:
    environments.unlock(environment=shop.environment, principal=principal, now=NOON)


def unasked(shop: World, principal: Principal) -> None:
    shop.environment.gate_policies.all().delete()
    unattended.let_go_on(environment=shop.environment, principal=principal, reason="Staging", now=NOON)


def asked(shop: World, principal: Principal) -> None:
    unattended.ask_again(environment=shop.environment, principal=principal, now=NOON)


def restore(shop: World, principal: Principal) -> None:
    shop.environment.save()
    version = shop.environment.history.latest().history_id
    restoring.restore(environment=shop.environment, number=version, principal=principal, now=NOON)


def check(shop: World, principal: Principal) -> None:
    environments.check(shop.environment, now=NOON)


def adopt(shop: World, principal: Principal) -> None:
    adoption.adopt(environment=shop.environment, now=NOON, principal=principal)


def plan(shop: World, principal: Principal) -> None:
    requests.preview(
        environment=shop.environment, release=shop.release, strategy="CANARY", principal=principal, now=NOON
    )


def deploy(shop: World, principal: Principal) -> None:
    shop.request()


def retry(shop: World, principal: Principal) -> None:
    turning_back.retry_roll_back(deployment=Deployment.objects.get(), principal=principal, now=NOON)


def plan_move(shop: World, principal: Principal) -> None:
    moves.planned(shop.environment, Wanted(controller="ECS"), NOON)


def begin_move(shop: World, principal: Principal) -> None:
    moves.begin(environment=shop.environment, wanted=Wanted(controller="ECS"), principal=principal, now=NOON)


def move_back(shop: World, principal: Principal) -> None:
    done = Move.objects.create(
        environment=Environment.objects.get(), to="ECS", frozen={}, wanted={}, origin={}, before={}, begun_at=NOON,
        finished_at=NOON, status="DONE",
    )  # fmt: skip
    moves.go_back(move=done, principal=principal, now=NOON)


SERVICES = (lock, unlock, unasked, asked, restore, check, adopt, plan, deploy, retry, plan_move, begin_move, move_back)

#: How it has to be for there to be something to do.
BEFORE: dict[Any, dict[str, Any]] = {unlock: {"locked_at": NOON}, asked: {"unattended_at": NOON}}


@pytest.mark.parametrize("use", SERVICES)
def test_no_service_does_anything_there(shop: World, use: Callable[[World, Principal], None]) -> None:
    """AWS is not even asked: nobody stands in for it."""
    ended(shop, Status.ROLLBACK_FAILED)
    Environment.objects.update(**{"lock_message": "", **BEFORE.get(use, {})})
    retire(shop)
    before = Environment.objects.values().get()
    with pytest.raises(Refused, match=REFUSED):
        use(shop, who(shop))

    assert Environment.objects.values().get() == before
    assert Event.objects.latest("pk").kind == "environment.retired"


def retire_meanwhile(candidate: Candidate) -> list[Any]:
    """A rule of admission that somebody retires the environment behind."""
    retiring.retire(environment=candidate.environment, principal=candidate.principal, reason=REASON, now=NOON)
    return []


def test_a_deployment_that_is_asked_for_in_the_same_moment_finds_it_retired(shop: World, settings: Any) -> None:
    settings.ADMISSION_RULES = [*settings.ADMISSION_RULES, f"{__name__}.retire_meanwhile"]
    with pytest.raises(Refused, match="Bring it back on its page first"):
        shop.request()

    assert not Deployment.objects.exists()


def test_nobody_looks_at_it_any_more(shop: World) -> None:
    ended(shop)
    live = Live(slot=None, images={"web": "shop:9"}, digests={"web": "sha256:" + "9" * 64})
    assert list(looking.due(NOON)) == [shop.environment]
    retire(shop)
    outside.note(shop.environment, live, NOON.replace(hour=13))  # of a look that had begun before

    assert not looking.due(NOON).exists()
    assert Environment.objects.get().outside is None


def test_it_leaves_the_board_and_is_back_on_it(shop: World) -> None:
    def columns() -> tuple[str, ...]:
        return board_view(principal=who(shop), waiting_for_me=()).columns

    another(shop, name="staging", region="us-east-1")
    retire(shop)
    assert columns() == ("staging",)
    bring_back(shop)
    assert columns() == ("production", "staging")


def test_a_new_environment_of_the_same_name_has_a_history_of_its_own(shop: World) -> None:
    old = ended(shop)
    retire(shop)
    new = another(shop)
    assert new.pk != shop.environment.pk and str(new) == "shop/production"

    fresh = replace(shop, environment=new).request()

    assert fresh.source_release is None
    assert [event.chain.name for event in fresh.events.all()] == [f"environment:{new.pk}"]
    assert not Event.objects.filter(chain__name=f"environment:{new.pk}", deployment=old).exists()
    assert str(old.__class__.objects.get(pk=old.pk)) == "1.1.0 to shop/production (retired 2026-03-02)"
    assert outside.source(new) is None
    assert list(new.deployments.all()) == [fresh]


def test_its_events_verify_and_whoever_hides_an_environment_is_found(shop: World) -> None:
    Release.objects.all().delete()  # no event tells of it
    retire(shop)
    another(shop)
    assert "1 event in 1 chain: all intact" in verify()

    Environment.objects.filter(pk=shop.environment.pk).update(retired_at=None, name="hidden")
    with pytest.raises(CommandError, match="1 difference"):
        verify()
    Environment.objects.filter(pk=shop.environment.pk).update(retired_at=NOON)
    Environment.objects.exclude(pk=shop.environment.pk).update(retired_at=NOON)
    with pytest.raises(CommandError, match="1 difference"):
        verify()


def test_its_deployments_are_read_and_offer_nothing(shop: World) -> None:
    deployment = ended(shop)
    retire(shop)
    row = load(deployment.pk)
    assert row is not None
    view = deployment_view(row, principal=who(shop), now=NOON)

    assert view.environment.label == "shop/production (retired 2026-03-02)"
    assert [(action.act, action.allowed) for action in view.actions] == [("go-back", False)]
    assert "was retired by requester" in view.actions[0].refusal


def test_it_does_not_come_back_where_its_name_is_taken(shop: World) -> None:
    retire(shop)
    new = another(shop, region="us-east-1", blue_target_group="", green_target_group="", production_rule="",
                  test_rule="")  # fmt: skip
    with pytest.raises(Refused, match="Another environment is called shop/production now. Retire or rename"):
        bring_back(shop)
    Environment.objects.filter(pk=new.pk).update(name="live")
    bring_back(shop)

    assert not Environment.objects.get(pk=shop.environment.pk).is_retired


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({}, "service shop-blue of cluster shop"),
        ({"blue_service": "a", "green_service": "b"}, "target group arn:"),
    ],
)
def test_it_does_not_come_back_where_its_place_is_taken(shop: World, changes: dict[str, str], what: str) -> None:
    retire(shop)
    another(shop, name="live", **changes)
    with pytest.raises(Refused, match=f"shop/live is deployed to the same {what}.* Retire that one first, or change"):
        bring_back(shop)

    assert Environment.objects.get(pk=shop.environment.pk).is_retired


def test_it_does_not_come_back_where_another_one_answers_its_approval_action(shop: World) -> None:
    Environment.objects.update(approval_action=ACTION)
    retire(shop)
    new = another(shop, name="live", region="us-east-1", blue_target_group="", green_target_group="",
                  production_rule="", test_rule="", approval_action=ACTION)  # fmt: skip
    with pytest.raises(Refused, match="Another environment answers arn:.*Wait-for-Tealgate now. Retire that one"):
        bring_back(shop)
    Environment.objects.filter(pk=new.pk).update(approval_action="")
    bring_back(shop)

    assert not Environment.objects.get(pk=shop.environment.pk).is_retired


def test_what_it_was_deployed_to_is_free(shop: World) -> None:
    other = another(shop, name="live")
    assert {each.other for each in holding.conflicts(other)} == {"shop/production"}
    retire(shop)
    assert holding.conflicts(other) == ()


def test_the_same_names_in_another_account_are_others(shop: World) -> None:
    arns = dict.fromkeys(("blue_target_group", "green_target_group", "production_rule", "test_rule"), "")
    other = another(shop, name="live", account_id="2" * 12, **arns)
    Environment.objects.filter(pk=shop.environment.pk).update(role_arn=f"arn:aws:iam::{'1' * 12}:role/tealgate")
    assert holding.conflicts(other) == ()
    Environment.objects.filter(pk=shop.environment.pk).update(role_arn=f"arn:aws:iam::{'2' * 12}:role/tealgate")
    assert [each.held.field for each in holding.conflicts(other)] == ["blue_service", "green_service"]


def test_an_application_is_retired_with_all_of_its_environments_or_with_none(shop: World) -> None:
    other = another(shop, name="staging", region="us-east-1")
    busy = shop.request()
    with pytest.raises(Refused, match="is busy"):
        retire_all(shop)
    assert not Environment.objects.filter(retired_at__isnull=False).exists()
    Deployment.objects.filter(pk=busy.pk).update(status=Status.STOPPED, finished_at=NOON)
    retire_all(shop)

    assert not Environment.objects.filter(retired_at__isnull=True).exists()
    kinds = dict(Event.objects.filter(kind__endswith=".retired").values_list("chain__name", "kind"))
    assert kinds == {
        f"environment:{shop.environment.pk}": "environment.retired",
        f"environment:{other.pk}": "environment.retired",
        f"application:{other.application_id}": "application.retired",
    }
    assert Release.objects.count() == 1


def register(shop: World) -> None:
    releases.register_release(
        application=Application.objects.get(slug="shop"), version="2", images={"web": "shop:2"}, now=NOON,
        principal=Principal.token("ci"),
    )  # fmt: skip


def discover(shop: World) -> None:
    found = Proposal(columns={"region": "eu-central-1", "controller": "ROLLING"})
    discovery.environment_from(found, application=Application.objects.get(), name="new")


def come_back(shop: World) -> None:
    bring_back(shop)


@pytest.mark.parametrize("use", [register, discover, come_back])
def test_nothing_is_added_to_a_retired_application(shop: World, use: Callable[[World], None]) -> None:
    retire_all(shop)
    with pytest.raises(Refused, match="Shop was retired by requester .* Bring it back on its page first"):
        use(shop)


def test_an_application_comes_back_alone_unless_its_slug_is_taken(shop: World) -> None:
    retire_all(shop)
    old = shop.environment.application
    new = Application.objects.create(name="Shop", slug="shop")
    back: dict[str, Any] = {"application": old, "principal": who(shop), "now": NOON}
    with pytest.raises(Refused, match="Another application has the slug shop now. Retire that one or change its slug"):
        retiring.bring_back_application(**back)
    Application.objects.filter(pk=new.pk).update(slug="shop-2")
    retiring.bring_back_application(**back)

    assert not Application.objects.get(pk=old.pk).is_retired
    assert Environment.objects.get().is_retired
    bring_back(shop)
    assert not Environment.objects.get().is_retired


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("register_release", ["shop", "2", "--image", "web=shop:2"]),
        ("discover_environment", ["shop/new", "--region", "eu-central-1", "--cluster", "c", "--service", "s"]),
        ("move_environment", ["shop/production"]),
    ],
)
def test_commands_refuse_it_in_words(shop: World, command: str, arguments: list[str]) -> None:
    retire_all(shop)
    with pytest.raises(CommandError, match="was retired by requester"):
        call_command(command, *arguments, stdout=StringIO())


def test_preflight_on_the_command_line_refuses_it_in_words(shop: World) -> None:
    retire(shop)
    said = StringIO()
    with pytest.raises(SystemExit, match="2"):
        call_command("check_environment", "shop/production", stderr=said)

    assert "was retired by requester" in said.getvalue()


def test_metrics_count_it_no_more(shop: World, client: Any) -> None:
    ended(shop)
    retire(shop)

    assert 'environment="production"' not in client.get("/metrics").content.decode()


def test_a_pipeline_that_waits_is_told_no_more(shop: World) -> None:
    action = "arn:aws:codepipeline:eu-central-1:123456789012:shop/Deploy/Approve"
    Environment.objects.update(approval_action=action)
    shop.environment.refresh_from_db()
    ended(shop)
    assert PipelineAnswer.objects.due(NOON).exists()
    retire(shop)

    assert not PipelineAnswer.objects.due(NOON).exists()
    told = Event.objects.get(kind="deployment.pipeline_not_told")
    assert told.message.endswith("shop/production was retired.")


def test_a_gate_of_it_cannot_be_open(shop: World) -> None:
    stages.at_gate(shop)
    with pytest.raises(Refused, match="is busy"):
        retire(shop)
