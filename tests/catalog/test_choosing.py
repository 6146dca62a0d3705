"""What an account is seen to have when an environment is added: a page of it, by a bounded number of calls."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from deployments.aws import errors
from deployments.aws.errors import AwsError
from deployments.aws.values import Binding
from deployments.catalog.choosing import Around, Thing, chosen, look_around, looking
from deployments.catalog.discovery import Proposal
from deployments.catalog.models import Environment
from deployments.refused import Refused
from tests.catalog.test_discovery import SERVERS
from tests.delivery.engine.world import World
from tests.fakes.aws import SHOP, FakeGateway
from tests.fakes.service import FakeService

BINDING = Binding(region="eu-central-1")
Look = Callable[..., Around]


@pytest.fixture
def gateway() -> FakeGateway:
    return FakeGateway.pair()


@pytest.fixture
def look(db: None, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch) -> Look:
    monkeypatch.setattr(looking, "connect", lambda binding: gateway)
    return lambda **asked: look_around(**{"binding": BINDING, **asked})


def add(gateway: FakeGateway, name: str, cluster: str = "big", **columns: Any) -> None:
    like = gateway.ecs[SHOP.cluster, "shop-blue"]
    gateway.ecs[cluster, name] = FakeService(
        **{"cluster": cluster, "name": name, "task_definition": like.task_definition, "desired": 2, "target_group": "",
           "running": 1, **columns}
    )  # fmt: skip


def named(around: Around) -> dict[str, Thing]:
    return {each.name: each for each in around.things}


def test_each_service_says_what_it_runs_where_and_what_fits(look: Look, gateway: FakeGateway) -> None:
    add(gateway, "cron")
    gateway.codedeploy_groups["catalog", "fleet"] = replace(SERVERS, application="catalog", name="fleet")

    found = named(look())

    assert found["shop-blue"].key == f"service:{SHOP.cluster}/shop-blue"
    assert found["shop-blue"].runs.endswith(", 2 of 2 tasks run") and found["shop-blue"].runs.startswith("shop")
    assert found["shop-blue"].behind == "target group shop-blue, on port 80 and 81"
    assert found["shop-blue"].fit.controller == "Service pair"
    assert found["shop-blue"].fit.why == "A rule on port 80 weighs shop-blue and shop-green."
    assert dict(found["shop-blue"].fit.others)["CodeDeploy"] == "Its deployment controller is ECS."
    assert (found["cron"].fit.controller, found["cron"].runs[-18:]) == ("Rolling", ", 1 of 2 tasks run")
    assert dict(found["cron"].fit.others)["Service pair"].startswith("It has no target group")
    assert (found["fleet"].application, found["fleet"].runs) == ("catalog", "Auto Scaling group reports")
    assert found["shop-blue"].cluster == SHOP.cluster


@pytest.mark.parametrize(
    ("columns", "controller", "why"),
    [
        ({"controller": "CODE_DEPLOY"}, "CodeDeploy", "Its deployment controller is CODE_DEPLOY."),
        ({"controller": "EXTERNAL"}, "", "Its deployment controller is EXTERNAL, so another tool drives"),
        ({"managed_by": "ECS"}, "Express Mode", "ECS manages all of it"),
        ({"strategy": "CANARY"}, "", "ECS is to deploy it by CANARY, but no load balancer"),
        ({"status": "DRAINING"}, "", "It is not active"),
    ],
)
def test_a_service_that_fits_otherwise_or_not_says_why(
    look: Look, gateway: FakeGateway, columns: dict[str, Any], controller: str, why: str
) -> None:
    add(gateway, "odd", **columns)

    odd = named(look())["odd"]

    assert (odd.fit.controller, odd.can_be_chosen) == (controller, bool(controller))
    assert odd.fit.why.startswith(why)


def test_five_hundred_services_are_a_page_of_twenty_by_few_calls(look: Look, gateway: FakeGateway) -> None:
    for number in range(500):
        add(gateway, f"job-{number:03}", cluster=f"c{number % 10}")

    around = look(page=3)

    assert (around.found, around.total, around.page, around.pages, len(around.things)) == (502, 502, 3, 26, 20)
    assert sum(gateway.calls.values()) <= 20, gateway.calls
    assert [each.name for each in look(query="c4 job-39").things] == ["job-394"]
    assert look(cluster="c4").found == 50
    assert look(page=99).page == 26


def test_what_another_environment_holds_cannot_be_chosen(look: Look, gateway: FakeGateway, shop: World) -> None:
    held = named(look())["shop-green"]

    assert held.held == "shop/production is deployed to the same service shop-green of cluster shop."
    assert not held.can_be_chosen
    assert named(look(binding=replace(BINDING, role_arn="arn:aws:iam::222222222222:role/tealgate-x")))[
        "shop-green"
    ].can_be_chosen


def test_a_group_whose_servers_another_environment_changes_cannot_be_chosen(look: Look, gateway: FakeGateway,
                                                                            shop: World) -> None:  # fmt: skip
    for name in ("fleet", "again"):
        gateway.codedeploy_groups["reports", name] = replace(SERVERS, name=name)
    Environment.objects.update(codedeploy_application="reports", codedeploy_group="fleet")

    found = named(look(query="reports"))

    assert "deployment group fleet of reports" in found["fleet"].held
    assert found["again"].held == "shop/production is deployed to the same Auto Scaling group reports."


DENIED = errors.Denied(
    "ListClusters", "AccessDeniedException",
    "User: arn:aws:sts::1:assumed-role/tealgate/x is not authorized to perform: ecs:ListClusters on resource: * "
    "because no identity-based policy allows the ecs:ListClusters action",
)  # fmt: skip


def test_where_clusters_may_not_be_listed_those_of_environments_are_shown(
    look: Look, gateway: FakeGateway, shop: World
) -> None:
    gateway.fail_next("clusters", DENIED)

    around = look()

    assert {each.name for each in around.things} == {"shop-blue", "shop-green"}
    (said,) = around.troubles
    assert said.startswith("Tealgate’s own role may not do ecs:ListClusters on * in eu-central-1. Allow it (infra/iam")


def test_what_codedeploy_refuses_hides_no_service(look: Look, gateway: FakeGateway) -> None:
    gateway.fail_next("codedeploy_applications", errors.Denied("ListApplications", "AccessDenied", "no"))

    around = look()

    assert len(around.things) == 2
    assert "may not ask ListApplications in eu-central-1: no (AccessDenied)." in around.troubles[0]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            errors.Denied("AssumeRole", "AccessDenied", "not yours"),
            "could not be assumed with no external ID: not yours",
        ),
        (errors.Throttled("ListClusters", "Throttling", "Rate exceeded"), "AWS asks to be asked less often"),
        (
            errors.Unavailable("ListClusters", "EndpointConnectionError", "no"),
            "no answer to ListClusters in the region",
        ),
        (errors.Invalid("ListClusters", "InvalidRegionError", "bad"), "eu-central-1 is not a region that ECS has"),
        (errors.Denied("ListClusters", "UnrecognizedClientException", "bad token"), "Is the region eu-central-1 on"),
    ],
)
def test_what_cannot_be_read_at_all_is_a_sentence(look: Look, gateway: FakeGateway, error: AwsError, said: str) -> None:
    gateway.fail_next("clusters", error)
    with pytest.raises(Refused, match=said):
        look()


def test_an_empty_account_has_nothing_to_choose(look: Look, gateway: FakeGateway) -> None:
    gateway.ecs.clear()

    around = look()

    assert (around.things, around.total, around.pages) == ((), 0, 1)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ([], "Choose a service or a deployment group"),
        (["service:a/b", "service:a/c", "service:a/d"], "b, c and d were chosen. One environment is one service"),
        (["service:a/b", "service:x/c"], "b and c were chosen"),
        (["service:a/b", "group:a/c"], "b and c were chosen"),
        (["nothing"], "not in the list any more"),
        (["service:b"], "not in the list any more"),
    ],
)
def test_what_makes_no_environment_is_refused(keys: list[str], said: str) -> None:
    with pytest.raises(Refused, match=said):
        chosen(keys)


def test_two_services_have_to_be_a_pair() -> None:
    pair = chosen(["service:shop/shop-blue", "service:shop/shop-green"])

    pair.require_pair(Proposal(columns={"blue_service": "shop-blue", "green_service": "shop-green"}))
    with pytest.raises(Refused, match="shop-blue and shop-green are no service pair: no rule"):
        pair.require_pair(Proposal(columns={"service": "shop-blue"}))


AWAY = errors.Unavailable("ListApplications", "ConnectTimeoutError", "no answer")
BUSY = errors.Throttled("DescribeRules", "Throttling", "Rate exceeded")
CLOSED = errors.Denied("DescribeRules", "AccessDenied", "no")


@pytest.mark.parametrize("error", [AWAY, errors.Throttled("ListApplications", "ThrottlingException", "Rate exceeded")])
def test_codedeploy_that_does_not_answer_hides_no_service(look: Look, gateway: FakeGateway, error: AwsError) -> None:
    """As in a private network that has an endpoint of ECS and none of CodeDeploy."""
    gateway.fail_next("codedeploy_applications", error)

    around = look()

    assert {each.name for each in around.things} == {"shop-blue", "shop-green"}
    assert "ListApplications" in around.troubles[0]


@pytest.mark.parametrize("error", [AWAY, BUSY])
def test_one_cluster_that_is_not_answered_hides_no_other(look: Look, gateway: FakeGateway, error: AwsError) -> None:
    add(gateway, "cron")
    gateway.fail_next("service_names", error)

    around = look()

    assert around.total in (1, 2)
    assert len(around.troubles) == 1


@pytest.mark.parametrize("call", ["load_balancers_of", "routes"])
@pytest.mark.parametrize("error", [AWAY, BUSY, CLOSED])
def test_rules_that_were_not_read_are_not_said_to_be_missing(
    look: Look, gateway: FakeGateway, call: str, error: AwsError
) -> None:
    gateway.fail_next(call, error)

    around = look()

    fit = named(around)["shop-blue"].fit
    assert fit.why == "The rules of its load balancer were not read, so what it fits is found once it is chosen."
    assert named(around)["shop-blue"].can_be_chosen
    assert "No rule weighs" not in str(fit.others)
    assert len(around.troubles) == 1


def test_a_target_group_that_was_deleted_meanwhile_hides_no_rules_of_others(look: Look, gateway: FakeGateway) -> None:
    add(gateway, "orphan", target_group="arn:aws:elasticloadbalancing:eu-central-1:1:targetgroup/gone/1")

    found = named(look())

    assert found["shop-blue"].fit.controller == "Service pair"
    assert found["orphan"].fit.why.startswith("The rules of its load balancer were not read")


@pytest.mark.parametrize("operation", ["ListClusters", "AssumeRole"])
@pytest.mark.parametrize("code", ["UnrecognizedClientException", "InvalidClientTokenId", "OptInRequired"])
def test_a_region_that_is_off_is_not_taken_for_a_missing_right(
    look: Look, gateway: FakeGateway, operation: str, code: str
) -> None:
    said = "The security token included in the request is invalid"
    gateway.fail_next("clusters", errors.Denied(operation, code, said))

    with pytest.raises(Refused) as refused:
        look()

    assert "Is the region eu-central-1 on for this account?" in refused.value.sentence
    assert "Allow it" not in refused.value.sentence and "trust policy" not in refused.value.sentence
