"""The ways AWS can swap, behind one interface (`base.Controller`). Nothing outside asks which one it is."""

from typing import Any

from deployments.swaps.base import Controller
from deployments.swaps.code_deploy import CODE_DEPLOY
from deployments.swaps.ecs import ECS
from deployments.swaps.express import EXPRESS_MODE
from deployments.swaps.rolling import ROLLING
from deployments.swaps.service_pair import SERVICE_PAIR

_CONTROLLERS: dict[str, Controller[Any, Any]] = {
    "SERVICE_PAIR": SERVICE_PAIR,
    "ROLLING": ROLLING,
    "ECS": ECS,
    "EXPRESS_MODE": EXPRESS_MODE,
    "CODE_DEPLOY": CODE_DEPLOY,
}


def get(name: str) -> Controller[Any, Any]:
    return _CONTROLLERS[name]
