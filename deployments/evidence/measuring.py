"""One look: every provider is asked once, and what they answered stays together."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar, cast

from deployments.aws.protocol import Gateway
from deployments.evidence.providers import PROVIDERS
from deployments.evidence.providers.base import Provider
from deployments.evidence.values import Value
from deployments.evidence.watched import Watched

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Measured:
    """Answers by the provider's name. One that was not asked is absent."""

    answers: Mapping[str, Any] = field(default_factory=dict)

    def of(self, provider: Provider[Answer]) -> Answer | None:
        return cast(Answer | None, self.answers.get(provider.name))

    def values(self, watched: Watched) -> tuple[Value, ...]:
        """What all of it means, in the order in which problems are told."""
        return tuple(value for each in PROVIDERS for value in each.values(watched, self.of(each)))

    def known(self, watched: Watched) -> tuple[Value, ...]:
        """Only what was answered: nothing is said of what nobody looked at."""
        asked = (each for each in PROVIDERS if self.of(each) is not None)
        return tuple(value for each in asked for value in each.values(watched, self.of(each)))


def measure(
    watched: Watched, gateway: Gateway, now: datetime, providers: Iterable[Provider[Any]] | None = None
) -> Measured:
    """Ask all of them, or some. Raises AwsError."""
    asked = PROVIDERS if providers is None else providers
    answers = {each.name: each.measure(watched, gateway, now) for each in asked}
    return Measured({name: answer for name, answer in answers.items() if answer is not None})
