"""A gateway for one look: what was asked once, with the same words, is not asked again."""

from collections.abc import Callable, Collection
from typing import Any

from deployments.aws.actions import Action, Made
from deployments.aws.protocol import Gateway
from deployments.aws.values import Route, Rule, Service


class ReadingOnce:
    """For preflight and what follows it in the same look. Not for writes: what was read before one is old."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._answers: dict[tuple[str, str], Any] = {}
        self._read: dict[str, Rule] = {}

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def ask(*args: Any, **kwargs: Any) -> Any:
            question = name, repr((args, kwargs))
            if question not in self._answers:
                self._answers[question] = getattr(self._gateway, name)(*args, **kwargs)
            return self._answers[question]

        return ask

    def services(self, cluster: str, names: Collection[str]) -> dict[str, Service]:
        """However they are listed."""
        asked: dict[str, Service] = self.__getattr__("services")(cluster, tuple(sorted(names)))
        return asked

    def rule(self, arn: str) -> Rule:
        """As it was read among all of its load balancer, else by itself."""
        known: Rule = self._read.get(arn) or self.__getattr__("rule")(arn)
        return known

    def rules_named(self, arns: Collection[str]) -> dict[str, Rule]:
        unread = tuple(arn for arn in arns if arn not in self._read)
        read: dict[str, Rule] = self.__getattr__("rules_named")(unread) if unread else {}
        return {arn: self._read[arn] for arn in arns if arn in self._read} | read

    def routes(self, load_balancer: str) -> tuple[Route, ...]:
        routes: tuple[Route, ...] = self.__getattr__("routes")(load_balancer)
        self._read |= {route.rule.arn: route.rule for route in routes}
        return routes

    def perform(self, action: Action) -> Made:
        raise TypeError("this gateway only reads")
