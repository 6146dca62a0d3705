"""A repair where AWS shifts the traffic: all of it at once, as AWS would go on with a share of it by itself."""

from collections.abc import Collection

from deployments.vocabulary import DeploymentKind, Strategy
from deployments.words import joined


def refusal(kind: DeploymentKind, strategy: str, fitting: Collection[Strategy], shifter: str) -> str:
    """In sentences; "" where the strategy fits the kind."""
    if kind is DeploymentKind.NORMAL or strategy in fitting:
        return ""
    left = "what is sick" if kind is DeploymentKind.REPAIR else "nothing"
    names = joined([each.label.partition(":")[0] for each in fitting], "or")
    return (
        f"{kind.label} by {shifter} moves all traffic at once: a share of it would leave most visitors on "
        f"{left}, and {shifter} would go on by itself whatever is seen. Choose {names}."
    )
