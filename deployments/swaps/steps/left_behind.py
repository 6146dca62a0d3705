"""What AWS has left behind: a rule that it does not move, and that still sends requests where no task is any more.

Preflight refuses such a rule; this one was made since. AWS has removed the tasks by now, so it is said, not undone.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

from deployments.aws.errors import Denied, NotFound
from deployments.aws.listeners import load_balancer_of
from deployments.aws.protocol import Gateway
from deployments.aws.values import Route
from deployments.swaps.decisions import Advance, Decision, Snapshot
from deployments.swaps.facts import TwoSlotFacts
from deployments.swaps.steps.rules import short
from deployments.vocabulary import Stage


@dataclass(frozen=True, kw_only=True)
class Seen:
    #: every rule of the load balancer; empty means: not read at this look
    routes: tuple[Route, ...] = ()
    #: why they could not be read, in a sentence
    unread: str = ""


def observe(snapshot: Snapshot[TwoSlotFacts], gateway: Gateway) -> Seen:
    """Raises AwsError when AWS does not answer; a refusal would not go away, and must not undo what has ended well."""
    try:
        return Seen(routes=gateway.routes(load_balancer_of(snapshot.settings.production_rule)))
    except (Denied, NotFound) as error:
        return Seen(unread=error.sentence)


def told(
    snapshot: Snapshot[TwoSlotFacts],
    decision: Decision,
    seen: Seen,
    unmoved: Collection[Route],
    *,
    emptied: bool = True,
) -> Decision:
    """The decision; when it is the end, with what was seen of the rules that AWS does not move.

    `emptied`: whether the slot without production has no tasks any more.
    """
    old, new = (snapshot.target, snapshot.source) if snapshot.rolling_back else (snapshot.source, snapshot.target)
    if not isinstance(decision, Advance) or snapshot.step.stage != Stage.CLEAN_UP or old is None or new is None:
        return decision
    left, right = snapshot.target_group(old), snapshot.target_group(new)
    holds = "has no tasks any more" if emptied else "keeps the previous release"
    sentences = [_sentence(route, left, right, holds) for route in unmoved if route.rule.share(left)]
    if seen.unread:
        sentences.append(f"Whether another rule still sends requests to {short(left)} could not be read: {seen.unread}")
    return replace(decision, reason=". ".join((decision.reason, *sentences)))


def _sentence(route: Route, left: str, right: str, holds: str) -> str:
    return (
        f"The rule {route.rule.arn} still sends {route.requests} to {short(left)}, which {holds}: point it at "
        f"{short(right)} now, and take both target groups out of it before the next deployment"
    )
