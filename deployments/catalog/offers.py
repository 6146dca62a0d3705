"""What an application and an environment can take: kinds of release, strategies. Only reads the database."""

from dataclasses import dataclass

from deployments import swaps
from deployments.catalog.freezing import freeze
from deployments.catalog.models import Application, Environment
from deployments.catalog.models.retiring import IN_USE
from deployments.frozen import Plan
from deployments.vocabulary import Strategy


@dataclass(frozen=True, kw_only=True)
class Offer:
    strategy: Strategy
    plan: Plan | None
    #: why it cannot be chosen; "" when it can
    refusal: str = ""


def artefacts(application: Application) -> tuple[str, ...]:
    """ "images", "bundle", or both, as the application's environments need; images while it has none."""
    kinds = {
        "bundle" if swaps.get(environment.controller).takes_bundles(freeze(environment)) else "images"
        for environment in application.environments.filter(IN_USE)
    }
    return tuple(sorted(kinds or {"images"}, reverse=True))


def strategies(environment: Environment) -> tuple[Offer, ...]:
    """Those that the environment's controller offers, its default among them. A ladder only where it has one."""
    controller, settings = swaps.get(environment.controller), freeze(environment)
    offers = []
    for strategy in controller.strategies(settings):
        if strategy == Strategy.LADDER and not settings.ladder.strip() and environment.strategy != strategy:
            continue
        try:
            offers.append(Offer(strategy=strategy, plan=controller.plan(settings, strategy)))
        except ValueError as error:
            offers.append(Offer(strategy=strategy, plan=None, refusal=str(error)))
    return tuple(offers)
