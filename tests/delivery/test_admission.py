"""The rules that a deployment has to pass before it is asked for, and one more that an installation adds."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as given
from django.core.checks import Error
from pytest_django.fixtures import Settings

from deployments.delivery import requests
from deployments.delivery.admission import Candidate, Refusal
from deployments.delivery.models import Deployment
from deployments.ops.system_checks import dotted_paths
from deployments.people.principal import SYSTEM, Principal
from deployments.refused import Refused
from tests.delivery.engine.world import NOON, World

HERE = "tests.delivery.test_admission"


def no_canary_on_mondays(candidate: Candidate) -> Iterator[Refusal]:
    if candidate.strategy == "CANARY" and candidate.now.weekday() == 0:
        yield Refusal(f"{candidate.environment} takes no canary on a Monday; choose all at once.", field="strategy")


def ask(shop: World, **changes: Any) -> Deployment:
    usual: dict[str, Any] = {
        "environment": shop.environment,
        "release": shop.release,
        "strategy": "CANARY",
        "principal": Principal.person(shop.requester),
        "reason": "because",
        "now": NOON,
    }
    return requests.request_deployment(**usual | changes)


@pytest.fixture
def one_more_rule(settings: Settings) -> None:
    settings.ADMISSION_RULES = [*settings.ADMISSION_RULES, f"{HERE}.no_canary_on_mondays"]


@pytest.mark.usefixtures("one_more_rule")
def test_a_rule_of_ones_own_refuses_in_its_words_at_its_field(shop: World) -> None:
    with pytest.raises(Refused) as caught:
        ask(shop)

    assert caught.value.sentence == "shop/production takes no canary on a Monday; choose all at once."
    assert (caught.value.field, Deployment.objects.count()) == ("strategy", 0)


@pytest.mark.usefixtures("one_more_rule")
def test_it_lets_all_else_pass(shop: World) -> None:
    assert ask(shop, strategy="BLUE_GREEN").status == "PENDING"


@pytest.mark.usefixtures("one_more_rule")
def test_it_speaks_after_those_before_it(shop: World) -> None:
    ask(shop, strategy="BLUE_GREEN")

    with pytest.raises(Refused, match=r"^shop/production is busy: .* Wait for it.* takes no canary") as caught:
        ask(shop)

    assert caught.value.field is None


def test_without_any_rule_it_still_takes_a_person(shop: World, settings: Settings) -> None:
    settings.ADMISSION_RULES = []

    with pytest.raises(Refused, match="Only people may deploy, and tealgate is Tealgate itself"):
        ask(shop, principal=SYSTEM)


def test_a_rule_that_breaks_lets_nothing_through(shop: World, settings: Settings) -> None:
    settings.ADMISSION_RULES = ["operator.truediv"]

    with pytest.raises(TypeError):
        ask(shop)

    assert not Deployment.objects.exists()


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("deployments.delivery.admission.may_depoly", "may_depoly"),
        ("deployment.rules.mine", "No module named 'deployment'"),
        ("unlocked", "doesn't look like a module path"),
        (f"{HERE}.HERE", "nothing that can be called"),
    ],
)
def test_a_path_that_leads_nowhere_is_an_error_before_anything_starts(settings: Settings, path: str, why: str) -> None:
    settings.ADMISSION_RULES = [*settings.ADMISSION_RULES, path]

    (found,) = dotted_paths(None)

    assert isinstance(found, Error) and found.id == "tealgate.E005"
    assert found.msg.startswith(f"ADMISSION_RULES names {path}, ") and why in found.msg


def test_the_rules_that_come_with_it_can_be_found() -> None:
    assert len(given.ADMISSION_RULES) == 8
    assert dotted_paths(None) == []
