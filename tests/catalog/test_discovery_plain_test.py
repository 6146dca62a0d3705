"""What is proposed to be checked where production is HTTPS and the test listener is not. The account is in memory."""

from dataclasses import replace

import pytest

from deployments.aws.conditions import Condition
from deployments.catalog import discovery
from deployments.catalog.models import Application
from deployments.people.principal import SYSTEM
from tests.catalog.test_discovery import BY_GROUP, BY_SERVICE, GROUP, LISTENER, TEST_LISTENER, account, propose
from tests.delivery.engine.world import NOON
from tests.fakes.aws import SHOP, FakeGateway

HOST = Condition(field="host-header", values=("*.example.com", "shop.example.com"))
SENT = (("Host", "shop.example.com"), ("X-Forwarded-Proto", "https"))


def secured(
    gateway: FakeGateway, *, production: tuple[Condition, ...] = (HOST,), test: tuple[Condition, ...] = ()
) -> FakeGateway:
    """Production's listener becomes one of HTTPS."""
    gateway.https.add(LISTENER)
    for arn, conditions in {SHOP.production_rule: production, SHOP.test_rule: test}.items():
        gateway.rules[arn] = replace(gateway.rules[arn], conditions=conditions)
    return gateway


def native() -> FakeGateway:
    gateway = FakeGateway.pair()
    for name, value in {
        "alternate_target_group": SHOP.target_group("green"),
        "production_rule": SHOP.production_rule,
        "test_rule": SHOP.test_rule,
    }.items():
        setattr(gateway.ecs[SHOP.cluster, "shop-blue"], name, value)
    return gateway


@pytest.mark.parametrize("gateway", [FakeGateway.pair(), native(), account(GROUP)], ids=["pair", "ECS", "CodeDeploy"])
def test_a_check_is_proposed_that_says_what_production_s_listener_would(gateway: FakeGateway) -> None:
    found = propose(secured(gateway, test=(Condition(field="path-pattern", values=("/*",)),)), **BY_SERVICE)

    (check,) = found.checks
    assert (check.path, check.expected_status, check.headers) == ("/health", 200, SENT)
    assert found.columns["test_url"].endswith(".elb.example:81")
    assert found.check_sentences == (
        "Production is HTTPS and the test listener is not, so a smoke check is proposed that says what production's "
        "would: GET /health with Host: shop.example.com and X-Forwarded-Proto: https, has to answer 200.",
    )
    assert "puts its listener's own protocol into X-Forwarded-Proto" in found.doubts[-1]
    assert "answers 301 to the smoke check on port 81 all the same" in found.doubts[-1]


def test_what_marks_a_test_is_sent_and_a_missing_name_is_said() -> None:
    marked = Condition(field="http-header", name="X-Canary", values=("yes",))

    found = propose(secured(FakeGateway.pair(), production=(), test=(marked,)), **BY_SERVICE)

    assert found.checks[0].headers == (("X-Forwarded-Proto", "https"), ("X-Canary", "yes"))
    assert "give it the header Host" in found.doubts[-1]


def test_a_mark_that_is_a_secret_is_not_kept() -> None:
    marked = Condition(field="http-header", name="X-Test-Token", values=("1234",))

    found = propose(secured(FakeGateway.pair(), test=(marked,)), **BY_SERVICE)

    assert (found.checks, "test_url" in found.columns) == ((), False)
    assert "No smoke check is proposed for the test rule. X-Test-Token is where a secret stands" in found.doubts[-1]
    assert "1234" not in found.doubts[-1]


def test_nothing_is_proposed_where_it_would_not_be_asked_or_makes_no_difference() -> None:
    both = secured(FakeGateway.pair())
    both.https.add(TEST_LISTENER)
    by_path = secured(FakeGateway.pair(), test=(Condition(field="path-pattern", values=("/test/*",)),))
    any_name = secured(FakeGateway.pair(), production=(), test=(replace(HOST, values=("*.example.com",)),))
    at_once = secured(account(replace(GROUP, ready_action="CONTINUE_DEPLOYMENT", ready_minutes=0)))
    plain = propose(FakeGateway.pair(), **BY_SERVICE)

    found = [plain, *(propose(each, **BY_SERVICE) for each in (both, by_path, any_name)), propose(at_once, **BY_GROUP)]
    assert [(each.checks, each.check_sentences, each.columns.get("test_url")) for each in found] == [((), (), None)] * 5


@pytest.mark.django_db
def test_the_proposed_check_is_kept_with_the_environment() -> None:
    found = propose(secured(FakeGateway.pair()), **BY_SERVICE)
    application = Application.objects.create(name="Shop", slug="shop")
    environment = discovery.environment_from(found, application=application, name="production")

    discovery.keep(environment, found, principal=SYSTEM, now=NOON)

    (check,) = environment.smoke_checks.all()
    assert (check.path, check.headers) == ("/health", "Host: shop.example.com\nX-Forwarded-Proto: https")
