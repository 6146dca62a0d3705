"""The ways AWS can swap, behind one interface (`base.Controller`). Nothing outside asks which one it is."""

from typing import Any

from deployments.controllers.base import Controller
from deployments.controllers.code_deploy import CODE_DEPLOY
from deployments.controllers.ecs import ECS
from deployments.controllers.rolling import ROLLING
from deployments.controllers.service_pair import SERVICE_PAIR

_CONTROLLERS: dict[str, Controller[Any]] = {
    "SERVICE_PAIR": SERVICE_PAIR,
    "ROLLING": ROLLING,
    "ECS": ECS,
    "CODE_DEPLOY": CODE_DEPLOY,
}


def get(name: str) -> Controller[Any]:
    return _CONTROLLERS[name]
