from typing import Any

import pytest

from deployments.aws import values
from deployments.preflight.beginning import needed, red
from deployments.red import Ailment
from deployments.vocabulary import DeploymentKind
from tests.fakes.aws import SHOP
from tests.preflight.world import LIVE, error, healthy_account, look, ok, unknown, warning


@pytest.mark.parametrize(
    ("description", "explanation"),
    [
        ("Health checks failed with these codes: [400]", "400 is Django's answer to an unknown Host"),
        ("Health checks failed with these codes: [301]", "as SECURE_SSL_REDIRECT does to HTTPS"),
        ("Health checks failed with these codes: [302]", "redirects the health check"),
        ("Health checks failed with these codes: [404]", "There is no /health in the application"),
        ("Health checks failed with these codes: [503]", "/health itself fails: read the container's log"),
        ("Health checks failed with these codes: [418]", "Make /health answer the target group's matcher"),
    ],
)
def test_a_sick_live_slot_is_explained_by_the_code_it_answers(description: str, explanation: str) -> None:
    account = healthy_account()
    account.set_health(LIVE, "unhealthy", "Target.ResponseCodeMismatch", description)

    sentence = error(look(account), "health-check")

    assert f"2 of 2 targets of the live shop-blue are unhealthy: {description}" in sentence
    assert "(GET /health, expected 200)" in sentence
    assert explanation in sentence


def test_a_health_check_that_times_out_is_explained() -> None:
    account = healthy_account()
    account.set_health(LIVE, "unhealthy", "Target.Timeout", "Request timed out")

    assert "Nothing answered in 5 s: check that the container listens on 0.0.0.0" in error(
        look(account), "health-check"
    )


def test_targets_that_no_rule_uses_are_explained() -> None:
    account = healthy_account()
    account.set_health(LIVE, "unused", "Target.NotInUse", "Target group is not configured to receive traffic")

    assert "No listener rule uses the target group" in error(look(account), "health-check")


def with_targets(*states: str) -> Any:
    account = healthy_account()
    found = tuple(values.Target(id=f"10.0.0.{n}", port=8000, state=state) for n, state in enumerate(states))
    account.target_health = lambda target_group: found  # type: ignore[method-assign]
    return account


def test_one_sick_target_among_healthy_ones_is_a_warning() -> None:
    report = look(with_targets("healthy", "healthy", "unhealthy"))

    assert "1 of 3 targets of the live shop-blue is unhealthy" in warning(report, "health-check")


def test_targets_that_are_checked_for_the_first_time_are_unknown() -> None:
    assert "still being checked for the first time" in unknown(look(with_targets("healthy", "initial")), "health-check")


def test_tasks_of_which_none_has_answered_yet_are_nothing_to_deploy_over() -> None:
    account = with_targets("initial", "initial")

    assert "No target of the live shop-blue is healthy" in error(look(account), "health-check")
    assert needed(look(account)) is DeploymentKind.NORMAL  # just started, for all that is known


def test_between_two_deaths_the_tasks_of_a_sick_service_are_sick() -> None:
    account = with_targets("initial", "initial")
    account.ecs[SHOP.cluster, SHOP.service("blue")].failed_tasks = 3
    report = look(account)

    assert needed(report) is DeploymentKind.REPAIR
    assert {each.ailment for each in red(report)} == {Ailment.TARGETS}


def test_a_repair_begins_between_two_deaths_too() -> None:
    account = with_targets("initial", "initial")
    report = look(account, kind=DeploymentKind.REPAIR)

    assert {each.ailment for each in red(report)} == {Ailment.TARGETS}


def test_draining_targets_do_not_count() -> None:
    assert "1 of 1 target of shop-blue healthy" in ok(look(with_targets("healthy", "draining")), "health-check")


def test_a_live_target_group_without_targets_is_an_error() -> None:
    assert "shop-blue is live, but has no targets: its visitors get 503" in error(look(with_targets()), "health-check")
