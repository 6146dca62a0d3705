"""A gateway for one look: what was asked once, with the same words, is not asked again."""

from collections.abc import Callable
from typing import Any

from deployments.aws.actions import Action, Made
from deployments.aws.protocol import Gateway


class ReadingOnce:
    """For preflight and what follows it in the same look. Not for writes: what was read before one is old."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._answers: dict[tuple[str, str], Any] = {}

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def ask(*args: Any, **kwargs: Any) -> Any:
            question = name, repr((args, kwargs))
            if question not in self._answers:
                self._answers[question] = getattr(self._gateway, name)(*args, **kwargs)
            return self._answers[question]

        return ask

    def perform(self, action: Action) -> Made:
        raise TypeError("this gateway only reads")
