"""What ECS made for itself is ECS's: it shifts it, and does not put right what another changes there."""

from collections.abc import Iterator

from deployments.frozen import Artefact, EnvironmentSettings
from deployments.preflight.pair_readings import PairReadings
from deployments.preflight.report import Result, error, ok
from deployments.preflight.words import named


def check(settings: EnvironmentSettings, artefact: Artefact | None, readings: PairReadings) -> Iterator[Result]:
    """owned-by-ecs: none of the rules and target groups"""
    owned = readings.owned_by_ecs
    for arn in owned:
        what = f"target group {named(arn)}" if ":targetgroup/" in arn else f"rule {arn}"
        yield error(
            "owned-by-ecs",
            f"The {what} is ECS's own (its tag AmazonECSManaged): ECS shifts it for a service behind an ECS Gateway or "
            "of Express Mode, and does not put right what another changes there.",
            "Name rules and target groups of your own; for that service itself choose the controller ECS or "
            "EXPRESS_MODE.",
        )
    if not owned:
        yield ok("owned-by-ecs", "The rules and target groups are your own, and none that ECS made for itself.")
