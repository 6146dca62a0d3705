"""Servers are held by their Auto Scaling groups, too, which only their deployment group names: kept as last seen."""

from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import User

from deployments.aws import errors
from deployments.aws.values import Binding
from deployments.catalog import auto_scaling, discovery, environments, holding, looking, restoring
from deployments.catalog.choosing import look_around
from deployments.catalog.choosing import looking as around
from deployments.catalog.freezing import columns_of
from deployments.catalog.models import Application, Environment
from deployments.delivery import retiring
from deployments.delivery.admission import Candidate, refusals
from deployments.delivery.moves import columns
from deployments.people.principal import SYSTEM, Principal
from deployments.preflight.report import Level
from deployments.refused import Refused
from tests.catalog.test_discovery import SERVERS
from tests.delivery.engine.servers_world import PLACE, make_servers_world
from tests.delivery.engine.world import NOON, World, person

pytestmark = pytest.mark.django_db

REPORTS = ("reports", "fleet")
SAME = "shop/production is deployed to the same Auto Scaling group web."


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """shop/production on the Auto Scaling group web, which another deployment group names, too."""
    world = make_servers_world()
    world.aws.codedeploy_groups[REPORTS] = replace(SERVERS, auto_scaling_groups=("web",), target_groups=())
    monkeypatch.setattr(environments, "connect", lambda binding: world.aws)
    monkeypatch.setattr(discovery, "connect", lambda binding: world.aws)
    return world


@pytest.fixture
def seen(world: World) -> World:
    """Somebody has looked at it."""
    environments.check(world.environment, now=NOON)
    return world


@pytest.fixture
def beside(world: World) -> Environment:
    """Of another application, typed in by hand; not saved."""
    return Environment(
        application=Application.objects.create(name="Reports", slug="reports"), name="production",
        region=world.environment.region, controller="CODE_DEPLOY", compute_platform="Server", strategy="GROUP_CONFIG",
        codedeploy_application=REPORTS[0], codedeploy_group=REPORTS[1],
    )  # fmt: skip


def known(environment: Environment) -> Any:
    return Environment.objects.get(pk=environment.pk).auto_scaling_groups


def told(environment: Environment) -> list[str]:
    report = environments.check(environment, now=NOON)
    return [each.seen for each in report.of(Level.ERROR) if each.check == environments.ALONE]


def discovered(world: World, application: Application) -> tuple[Environment, discovery.Proposal]:
    proposal = discovery.discover(
        region=world.environment.region, role_arn="", external_id="", codedeploy_application=REPORTS[0], now=NOON
    )
    return discovery.environment_from(proposal, application=application, name="production"), proposal


def test_a_check_notes_which_groups_its_servers_are_in(seen: World) -> None:
    assert known(seen.environment) == {"shop/web": ["web"]}
    assert "Auto Scaling group web" in holding.names(seen.environment)


def test_a_worker_notes_the_copy_that_code_deploy_made_by_one_question(seen: World) -> None:
    seen.aws.codedeploy_groups[PLACE] = replace(
        seen.aws.codedeploy_groups[PLACE], auto_scaling_groups=("CodeDeploy_web_d-1",)
    )
    seen.aws.calls.clear()

    looking.look(seen.clock(), lambda binding: seen.aws)

    assert known(seen.environment) == {"shop/web": ["CodeDeploy_web_d-1"]}
    assert seen.aws.calls["deployment_group"] == 1


def test_where_aws_does_not_say_what_was_seen_stays(seen: World) -> None:
    seen.aws.fail_next("deployment_group", errors.Denied, times=9)
    auto_scaling.look(seen.environment, columns_of(seen.environment), seen.aws)

    assert known(seen.environment) == {"shop/web": ["web"]}


def test_only_the_group_that_it_has_now_counts(seen: World) -> None:
    seen.environment.codedeploy_group = "another"
    assert "Auto Scaling group web" not in holding.names(seen.environment)
    seen.environment.codedeploy_group, seen.environment.compute_platform = "web", "ECS"
    assert "Auto Scaling group web" not in holding.names(seen.environment)


def test_discovery_keeps_none_whose_servers_another_one_changes(seen: World) -> None:
    environment, proposal = discovered(seen, Application.objects.create(name="Reports", slug="reports"))

    with pytest.raises(Refused, match=SAME) as refused:
        discovery.keep(environment, proposal, principal=SYSTEM, now=NOON)

    assert refused.value.field == "codedeploy_group"
    report = environments.check_unsaved(environment, now=NOON)
    assert SAME in [each.seen for each in report.errors]


def test_what_discovery_saw_is_held_from_the_first_moment_on(world: World, beside: Environment) -> None:
    environment, proposal = discovered(world, beside.application)
    discovery.keep(environment, proposal, principal=SYSTEM, now=NOON)

    assert known(environment) == {"reports/fleet": ["web"]}
    assert told(world.environment) == ["reports/production is deployed to the same Auto Scaling group web."]


def test_the_chooser_knows_also_those_whose_group_it_may_not_see(seen: World, monkeypatch: pytest.MonkeyPatch) -> None:
    del seen.aws.codedeploy_groups[PLACE]
    monkeypatch.setattr(around, "connect", lambda binding: seen.aws)

    found = look_around(binding=Binding(region=seen.environment.region), query="fleet")

    assert [each.held for each in found.things] == [SAME]


def test_an_old_pair_is_told_so_at_both_and_not_deployed_to(seen: World, beside: Environment) -> None:
    beside.save()

    assert told(beside) == [SAME]
    assert told(seen.environment) == ["reports/production is deployed to the same Auto Scaling group web."]
    candidate = Candidate(
        environment=seen.environment, settings=columns_of(seen.environment), release=seen.release,
        strategy="GROUP_CONFIG", principal=Principal.person(seen.requester), now=NOON,
    )  # fmt: skip
    assert any("the same Auto Scaling group web." in each.sentence for each in refusals(candidate))


def test_the_form_refuses_a_group_that_was_seen_and_lets_other_changes_through(
    seen: World, beside: Environment
) -> None:
    beside.auto_scaling_groups = {"reports/fleet": ["web"]}

    assert [(each.held.field, each.seen) for each in holding.entered(beside)] == [("codedeploy_group", SAME)]

    beside.save()
    beside.bake_seconds = 7
    assert holding.entered(beside) == ()


def test_a_version_does_not_come_back_over_servers_that_another_one_took(
    seen: World, beside: Environment, administrator: User
) -> None:
    number = seen.environment.history.first().history_id
    Environment.objects.filter(pk=seen.environment.pk).update(codedeploy_group="other")
    beside.auto_scaling_groups = {"reports/fleet": ["web"]}
    beside.save()

    with pytest.raises(Refused, match="reports/production is deployed to the same Auto Scaling group web"):
        who = Principal.person(administrator)
        restoring.restore(environment=seen.environment, number=number, principal=who, now=NOON)


def test_a_move_does_not_give_it_another_one_s_servers(seen: World, beside: Environment) -> None:
    beside.auto_scaling_groups = {"reports/fleet": ["web"]}
    beside.codedeploy_group = "other"
    beside.save()

    with pytest.raises(Refused, match=SAME):
        columns.write(beside, {"codedeploy_group": "fleet"}, SYSTEM, "moved")


def test_a_retired_one_lets_its_servers_go_and_does_not_come_back_over_them(seen: World, beside: Environment) -> None:
    retirer = Principal.person(person("retirer", "retire_environment"))
    retiring.retire(environment=seen.environment, principal=retirer, reason="gone", now=NOON)
    beside.save()
    assert told(beside) == []

    with pytest.raises(Refused, match="reports/production is deployed to the same Auto Scaling group web"):
        retiring.bring_back(environment=seen.environment, principal=retirer, now=NOON)


def test_of_two_accounts_two_groups_of_one_name_are_two(seen: World, beside: Environment) -> None:
    beside.role_arn = "arn:aws:iam::222222222222:role/tealgate-x"
    beside.auto_scaling_groups = {"reports/fleet": ["web"]}

    assert holding.conflicts(beside) == ()
