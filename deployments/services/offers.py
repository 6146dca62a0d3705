"""Which strategies an environment can use, each with the plan it would make. Only reads the database."""

from dataclasses import dataclass

from deployments import controllers
from deployments.models import Environment
from deployments.services.freezing import freeze
from deployments.values import Plan
from deployments.vocabulary import Strategy


@dataclass(frozen=True, kw_only=True)
class Offer:
    strategy: Strategy
    plan: Plan | None
    #: why it cannot be chosen; "" when it can
    refusal: str = ""


def strategies(environment: Environment) -> tuple[Offer, ...]:
    """Those that the environment's controller offers, its default among them."""
    controller, settings = controllers.get(environment.controller), freeze(environment)
    offers = []
    for strategy in controller.strategies(settings):
        try:
            offers.append(Offer(strategy=strategy, plan=controller.plan(settings, strategy)))
        except ValueError as error:
            offers.append(Offer(strategy=strategy, plan=None, refusal=str(error)))
    return tuple(offers)
