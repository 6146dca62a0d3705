"""The ways AWS can swap, behind one interface (`base.Controller`). Nothing outside asks which one it is."""

from typing import Any

from deployments.swaps.base import Controller
from deployments.swaps.code_deploy import CODE_DEPLOY
from deployments.swaps.ecs import ECS
from deployments.swaps.express import EXPRESS_MODE
from deployments.swaps.rolling import ROLLING
from deployments.swaps.scheduled import with_scheduled
from deployments.swaps.service_pair import SERVICE_PAIR

_CONTROLLERS: dict[str, Controller[Any, Any]] = {
    "SERVICE_PAIR": with_scheduled(SERVICE_PAIR),
    "ROLLING": with_scheduled(ROLLING),
    "ECS": with_scheduled(ECS),
    "EXPRESS_MODE": with_scheduled(EXPRESS_MODE),
    "CODE_DEPLOY": with_scheduled(CODE_DEPLOY),
}


def get(name: str) -> Controller[Any, Any]:
    return _CONTROLLERS[name]
