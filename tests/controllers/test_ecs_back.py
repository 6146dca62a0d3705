"""ECS, turned back between its UpdateService and the moment at which it lists the deployment."""

from collections.abc import Mapping
from typing import Any

import pytest

from deployments.controllers import get
from deployments.controllers.decisions import Advance, Decision, Snapshot, Wait
from deployments.controllers.ecs.observe import Observed
from deployments.vocabulary import Slot, Strategy
from tests.controllers import cases
from tests.controllers.cases import NOON, seconds

ECS = get("ECS")
UNHEARD = {"in_flight": [{"operation": "UpdateService"}]}


def turned_back(facts: Mapping[str, Any], *, since: int = 5) -> Snapshot:
    settings = cases.settings(controller="ECS", service_name="shop-blue")
    return Snapshot(
        key="7-abc",
        settings=settings,
        artefact=cases.release(),
        plan=ECS.plan(settings, Strategy.CANARY),
        position=0,
        rolling_back=True,
        source=Slot.BLUE,
        target=Slot.GREEN,
        facts={**cases.REGISTERED, **facts},
        step_started_at=NOON - seconds(since),
    )


def told(ago: int) -> dict[str, Any]:
    return {"done": ["register", "update"], "updated_at": (NOON - seconds(ago)).isoformat()}


@pytest.mark.parametrize(
    ("snapshot", "kind"),
    [
        (turned_back(told(1)), Wait),
        (turned_back(told(59)), Wait),
        (turned_back(told(60)), Advance),
        (turned_back(UNHEARD, since=9), Wait),
        (turned_back(UNHEARD, since=10), Advance),
    ],
)
def test_a_deployment_that_is_not_listed_is_waited_for(snapshot: Snapshot, kind: type[Decision]) -> None:
    """Otherwise ECS would go on with a release that counts as rolled back."""
    assert isinstance(ECS.decide(snapshot, Observed(), NOON), kind)
