"""Tasks that something starts by itself in a cluster are told when it is read; whose they are, people say."""

from datetime import UTC, datetime

import pytest

from deployments.aws import errors
from deployments.catalog import discovery
from tests.fakes.aws import SHOP, FakeGateway
from tests.fakes.names import REGION, arn

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> FakeGateway:
    gateway = FakeGateway.pair()
    monkeypatch.setattr(discovery, "connect", lambda binding: gateway)
    return gateway


def seen(gateway: FakeGateway) -> list[str]:
    proposal = discovery.discover(
        region=REGION, role_arn="", external_id="", cluster=SHOP.cluster, service="shop-blue", now=NOON
    )
    return [sentence for sentence in proposal.seen if "started by themselves" in sentence]


def test_families_are_told_with_what_starts_them(account: FakeGateway) -> None:
    account.rule_starts("nightly", arn("ecs", "task-definition/cron:5"))
    account.schedule_starts("default/hourly", arn("ecs", "task-definition/cron:5"))
    account.rule_starts("weekly", arn("ecs", "task-definition/reports"))

    (sentence,) = seen(account)

    assert "of cron (by rule nightly and schedule default/hourly) and reports (by rule weekly)." in sentence


def test_a_cluster_in_which_nothing_is_started_by_itself_is_told_nothing_of(account: FakeGateway) -> None:
    assert seen(account) == []


def test_who_may_not_read_rules_reads_the_rest(account: FakeGateway) -> None:
    account.fail_next("starters", errors.Denied)

    assert seen(account) == []
