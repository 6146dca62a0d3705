"""A service behind an ECS Gateway: what its revision tells is what it is proposed with. The account is in memory."""

from dataclasses import replace

from deployments.aws import errors
from deployments.aws.values import Managed
from tests.catalog.test_discovery import propose, refusal
from tests.fakes.aws import LANDING, FakeGateway

BY_SERVICE = {"cluster": LANDING.cluster, "service": LANDING.name}


def account(*, strategy: str = "BLUE_GREEN", whole: bool = True) -> FakeGateway:
    """A service that ECS made all for, as one behind a gateway shows it."""
    gateway = FakeGateway.express()
    service = gateway.ecs[LANDING.cluster, LANDING.name]
    service.managed_by, service.strategy, service.target_group = "CUSTOMER", strategy, ""
    service.alternate_target_group = service.production_rule = ""
    made = Managed(
        endpoint=f"https://{LANDING.host}",
        production_rule=LANDING.production_rule if whole else "",
        target_groups=LANDING.target_groups if whole else LANDING.target_groups[:1],
    )
    (newest,) = service.revisions
    gateway.revisions[newest] = replace(gateway.revisions[newest], gateway_ports=("http",), managed=made)
    return gateway


def test_it_is_proposed_to_be_shifted_by_ecs_between_what_ecs_made() -> None:
    proposal = propose(account(), **BY_SERVICE)

    first, second = LANDING.target_groups
    assert proposal.columns["controller"] == "ECS"
    assert (proposal.columns["blue_target_group"], proposal.columns["green_target_group"]) == (first, second)
    assert proposal.columns["production_rule"] == LANDING.production_rule
    assert proposal.columns["production_url"] == f"https://{LANDING.host}"
    assert proposal.seen[0].startswith("landing is behind an ECS Gateway, by its port http: ECS owns its load balancer")


def test_without_a_second_group_it_is_rolled_and_that_is_said() -> None:
    proposal = propose(account(strategy="ROLLING", whole=False), **BY_SERVICE)

    assert proposal.columns["controller"] == "ROLLING"
    assert proposal.doubts[-1] == "ECS tells of no second target group and rule: it is rolled."


def test_one_to_be_shifted_of_which_ecs_does_not_tell_says_when_to_try_again() -> None:
    said = refusal(account(whole=False), **BY_SERVICE)

    assert "Try again when its first deployment is over." in said
    assert "advancedConfiguration" not in said  # it has no load balancer to add that to


def test_where_its_revision_may_not_be_read_it_is_a_service_without_a_load_balancer() -> None:
    gateway = account(strategy="ROLLING")
    gateway.fail_next("service_revisions", errors.Denied("DescribeServiceRevisions", "AccessDenied", "no"))

    proposal = propose(gateway, **BY_SERVICE)

    assert (proposal.columns["controller"], proposal.columns.get("blue_target_group")) == ("ROLLING", None)
