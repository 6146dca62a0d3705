"""What one environment holds on AWS no other one gets, wherever it is entered."""

from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from deployments.aws.errors import Denied
from deployments.catalog import discovery, environments, holding, restoring
from deployments.catalog.discovery.proposal import Proposal
from deployments.catalog.models import Application, Environment
from deployments.delivery import requests
from deployments.delivery.admission import Candidate, refusals
from deployments.delivery.moves import columns
from deployments.frozen import EnvironmentSettings
from deployments.people.principal import SYSTEM, Principal
from deployments.preflight.report import Level
from deployments.refused import Refused
from deployments.scheduled_spec import ScheduledSpec
from tests.delivery.engine.world import NOON, World, make_environment

ACCOUNT = "123456789012"
RULE = f"arn:aws:elasticloadbalancing:eu-central-1:{ACCOUNT}:listener-rule/app/shop/1/2/3"
OTHER_RULE = RULE.replace("/3", "/4")
GROUP = f"arn:aws:elasticloadbalancing:eu-central-1:{ACCOUNT}:targetgroup/shop/1"
PAIR = ("blue_service", "green_service", "blue_target_group", "green_target_group", "production_rule", "test_rule")


def settings(**changes: Any) -> EnvironmentSettings:
    bare = EnvironmentSettings(label="a/b", controller="ROLLING", region="eu-central-1", cluster="shop")
    return replace(bare, **{"account_id": ACCOUNT, **changes})


def held(mine: EnvironmentSettings, theirs: EnvironmentSettings) -> list[tuple[str, str]]:
    found = holding.compared(holding.Place(mine), [("catalog/production", holding.Place(theirs))])
    assert {each.other for each in found} <= {"catalog/production"}
    return [(each.held.field, each.held.name) for each in found]


@pytest.mark.parametrize(
    ("mine", "theirs", "field"),
    [
        ({"service_name": "web"}, {"service_name": "web"}, "service"),
        ({"blue_service": "web"}, {"service_name": "web"}, "blue_service"),
        ({"service_name": "web"}, {"green_service": "web"}, "service"),
        ({"service_name": "web", "cluster": ""}, {"service_name": "web", "cluster": "default"}, "service"),
        ({"green_target_group": GROUP}, {"blue_target_group": GROUP}, "green_target_group"),
        ({"production_rule": RULE}, {"test_rule": RULE}, "production_rule"),
        ({"more_production_rules": (OTHER_RULE, RULE)}, {"production_rule": RULE}, "more_production_rules"),
        ({"test_rule": RULE}, {"more_production_rules": (RULE,)}, "test_rule"),
        (
            {"codedeploy_application": "shop", "codedeploy_group": "web"},
            {"codedeploy_application": "shop", "codedeploy_group": "web"},
            "codedeploy_group",
        ),
        (
            {"scheduled": (ScheduledSpec(family="cron"),)},
            {"scheduled": (ScheduledSpec(family="cron", images={"job": "web"}),)},
            "scheduled_families",
        ),
    ],
)
def test_the_same_thing_is_known_by_every_name_it_has(mine: Any, theirs: Any, field: str) -> None:
    assert [each for each, _ in held(settings(**mine), settings(**theirs))] == [field]


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ({"service_name": "web"}, {"service_name": "web", "cluster": "other"}),
        ({"service_name": "web"}, {"service_name": "web", "account_id": "2" * 12}),
        ({"service_name": "web"}, {"service_name": "web2"}),
        ({"production_rule": RULE}, {"production_rule": OTHER_RULE}),
        (
            {"codedeploy_application": "shop", "codedeploy_group": "web"},
            {"codedeploy_application": "blog", "codedeploy_group": "web"},
        ),
        ({}, {}),
    ],
)
def test_what_only_looks_alike_is_free(mine: Any, theirs: Any) -> None:
    assert held(settings(**mine), settings(**theirs)) == []


@pytest.fixture
def beside(shop: World) -> Environment:
    """Of another application, and typed as ARNs where the other one has names; not saved."""
    cluster = f"arn:aws:ecs:eu-central-1:{ACCOUNT}:cluster/{shop.environment.cluster}"
    service = f"arn:aws:ecs:eu-central-1:{ACCOUNT}:service/{shop.environment.cluster}/shop-green"
    return Environment(
        application=Application.objects.create(name="Catalog", slug="catalog"), name="staging", region="eu-central-1",
        controller="ROLLING", strategy="ROLLING", cluster=cluster, service=service,
    )  # fmt: skip


SENTENCE = (
    "shop/production is deployed to the same service shop-green of cluster shop. Retire that one first, or change"
)


def test_what_was_found_on_aws_is_not_kept_where_another_one_holds_it(beside: Environment) -> None:
    proposal = Proposal(columns={"controller": "ROLLING"})
    with pytest.raises(Refused, match=SENTENCE) as refused:
        discovery.keep(beside, proposal, principal=SYSTEM, now=NOON)

    assert refused.value.field == "service"
    assert not Environment.objects.filter(name="staging").exists()


def test_an_older_version_does_not_come_back_over_what_another_one_took(
    shop: World, beside: Environment, administrator: User
) -> None:
    shop.environment.save()
    number = shop.environment.history.first().history_id
    Environment.objects.filter(pk=shop.environment.pk).update(green_service="shop-new")
    beside.save()

    with pytest.raises(Refused, match="catalog/staging is deployed to the same service shop-green of cluster shop"):
        who = Principal.person(administrator)
        restoring.restore(environment=shop.environment, number=number, principal=who, now=NOON)

    assert Environment.objects.get(pk=shop.environment.pk).green_service == "shop-new"


def test_a_move_does_not_take_another_one_s_rule(shop: World, beside: Environment) -> None:
    beside.service = "blog"
    beside.save()
    with pytest.raises(Refused, match="shop/production is deployed to the same rule arn:"):
        columns.write(beside, {"production_rule": shop.environment.production_rule}, SYSTEM, "moved")


def test_an_old_pair_is_not_ready_and_not_deployed_to_but_can_be_edited(
    shop: World, beside: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside.save()
    monkeypatch.setattr(environments, "connect", lambda binding: shop.aws)
    report = environments.check(shop.environment, now=NOON)
    told = [each for each in report.of(Level.ERROR) if each.check == environments.ALONE]
    assert [each.seen for each in told] == [
        "catalog/staging is deployed to the same service shop-green of cluster shop."
    ]
    candidate = Candidate(
        environment=shop.environment, settings=settings(controller="SERVICE_PAIR"), release=shop.release,
        strategy="CANARY", principal=Principal.person(shop.requester), now=NOON,
    )  # fmt: skip
    assert any(each.sentence.startswith(told[0].seen) for each in refusals(candidate))

    shop.environment.bake_seconds = 7
    assert holding.entered(shop.environment) == ()
    shop.environment.blue_service = "shop-green"
    assert [each.held.field for each in holding.entered(shop.environment)] == []
    beside.service = "shop-blue"
    assert [each.held.field for each in holding.entered(beside)] == ["service"]


def test_all_environments_are_compared_by_one_query(shop: World, beside: Environment) -> None:
    nothing: dict[str, Any] = dict.fromkeys(PAIR, "")
    for number in range(5):
        make_environment(application=shop.environment.application, name=f"e{number}", **nothing)
    with CaptureQueriesContext(connection) as asked:
        assert len(holding.conflicts(beside)) == 1
    assert len(asked) == 1


def test_a_preview_reads_the_environments_of_a_region_once_and_refuses_all_the_same(
    shop: World, beside: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside.save()
    for module in (environments, requests):
        monkeypatch.setattr(module, "connect", lambda binding: shop.aws)
    with CaptureQueriesContext(connection) as asked:
        seen = requests.preview(
            environment=shop.environment, release=shop.release, strategy="CANARY",
            principal=Principal.person(shop.requester), now=NOON,
        )  # fmt: skip

    told = [each for each in seen.refusals if "catalog/staging is deployed to the same service shop-green" in each]
    assert (len(told), "Retire that one first" in told[0]) == (1, True)
    assert len([each for each in asked if '"deployments_environment"."region" = ' in each["sql"]]) == 1


def test_without_a_way_to_aws_it_is_refused_as_well(
    shop: World, beside: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(binding: object) -> None:
        raise Denied("AssumeRole", "AccessDenied", "no")

    beside.save()
    monkeypatch.setattr(environments, "connect", away)

    told = [each.check for each in environments.check(shop.environment, now=NOON).errors]

    assert environments.ALONE in told
