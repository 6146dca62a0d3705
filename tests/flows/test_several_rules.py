"""The default action and a path rule of one listener forward to the same pair."""

from collections.abc import Iterator
from urllib.request import urlopen

import pytest

from deployments.vocabulary import Status
from tests.flows.clients import client
from tests.flows.storefront import Storefront
from tests.flows.traffic import Traffic

pytestmark = [pytest.mark.flow, pytest.mark.django_db]
APPLICATIONS = ("storefront",)
PATH = "/version"


@pytest.fixture
def split(storefront: Storefront) -> Iterator[tuple[str, str]]:
    """Production's rule catches one path, the listener's default action the rest: the default's ARN, and its own."""
    elb, path = client("elbv2"), storefront.environment.production_rule
    listener = _listener(path)
    (rule,) = elb.describe_rules(RuleArns=[path])["Rules"]
    default = next(each for each in elb.describe_rules(ListenerArn=listener)["Rules"] if each["IsDefault"])
    elb.modify_rule(RuleArn=path, Conditions=[{"Field": "path-pattern", "Values": [PATH]}])
    elb.modify_listener(ListenerArn=listener, DefaultActions=rule["Actions"])
    yield default["RuleArn"], path
    elb.modify_rule(RuleArn=path, Conditions=[{"Field": "path-pattern", "Values": ["/*"]}])
    elb.modify_listener(ListenerArn=listener, DefaultActions=default["Actions"])


def _listener(rule: str) -> str:
    return rule.rsplit("/", 1)[0].replace(":listener-rule/", ":listener/")


def answers(storefront: Storefront, path: str) -> set[str]:
    """Versions, of a few requests."""
    found = set()
    for _ in range(5):
        with urlopen(f"{storefront.environment.production_url.rstrip('/')}{path}") as answer:
            found.add(answer.headers["X-Version"])
    return found


def name(storefront: Storefront, production: str, *more: str) -> None:
    environment = storefront.environment
    environment.production_rule, environment.more_production_rules = production, "\n".join(more)
    environment.save()


def test_a_rule_that_is_not_named_is_refused_and_named_both_are_shifted(
    storefront: Storefront, split: tuple[str, str]
) -> None:
    default, path = split
    source = storefront.live_slot()
    name(storefront, default)

    refused = storefront.finish(storefront.deploy("1.1.0"))

    assert refused.status == Status.STOPPED, refused.status_reason
    assert f"The rule {path} forwards requests with path {PATH} on port" in refused.status_reason
    assert storefront.running(source.other) == 0

    name(storefront, default, path)
    site = storefront.environment.production_url.rstrip("/")
    with Traffic(f"{site}/", rate=25) as home, Traffic(f"{site}{PATH}", rate=25) as version:
        deployment = storefront.deploy("1.1.0")
        storefront.approve(deployment)
        storefront.finish(deployment)

    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason
    assert (home.lost, version.lost) == (0, 0)
    assert home.sent > 50
    assert version.sent > 50
    assert storefront.running(source) == 0
    assert answers(storefront, "/") == answers(storefront, PATH) == {"1.1.0"}


def test_a_rule_that_is_made_during_the_warm_time_keeps_its_release(storefront: Storefront) -> None:
    source = storefront.live_slot()
    deployment = storefront.deploy("1.6.0")
    storefront.approve(deployment)
    storefront.go(deployment, lambda d: d.stage == "CLEAN_UP")
    elb = client("elbv2")
    made = elb.create_rule(
        ListenerArn=_listener(storefront.environment.test_rule),
        Priority=900,
        Conditions=[{"Field": "path-pattern", "Values": ["/old"]}],
        Actions=[{"Type": "forward", "TargetGroupArn": storefront.environment.target_groups[source]}],
    )["Rules"][0]["RuleArn"]

    storefront.finish(deployment)
    elb.delete_rule(RuleArn=made)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    assert f"was not scaled down, because the rule {made} (" in deployment.status_reason
    assert (storefront.share(source), storefront.running(source.other)) == (100, 0)
    assert storefront.running(source) > 0
