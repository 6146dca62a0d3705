"""Which revisions of a family may be deregistered. What is not sure stays."""

from collections.abc import Collection, Sequence


def old(active: Sequence[str], ours: Collection[str], keep: int, held: Collection[str]) -> tuple[str, ...]:
    """ARNs, the oldest first. `active`: the family's, newest first; `held` are needed whatever their age."""
    mine = [arn for arn in active if arn in ours]
    return tuple(arn for arn in reversed(mine[keep:]) if arn not in held)
