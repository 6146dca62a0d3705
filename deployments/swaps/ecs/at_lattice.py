"""VPC Lattice beside the load balancer: ECS shifts its rules too, so they are compared as the production rule is.

Where AWS does not let them be read nothing of them is claimed, and that is said for good.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from deployments.aws.errors import Denied, NotFound
from deployments.aws.lattice import id_of, named
from deployments.aws.protocol import Gateway
from deployments.aws.values import Service
from deployments.aws.weights import spell
from deployments.preflight.lattice import RuleSeen, of_rule
from deployments.swaps.decisions import Advance, Decision, Fail
from deployments.swaps.ecs.facts import EcsFacts, LatticeWay, Snapshot

UNREAD = "What the callers get that come by VPC Lattice is not known: its rule {} could not be read."


@dataclass(frozen=True, kw_only=True)
class Seen:
    """By rule, what it forwards to, by the ids of target groups; {} of one that is gone. Absent: not read."""

    weights: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    unread: tuple[str, ...] = ()


def observe(rules: Collection[str], gateway: Gateway) -> Seen:
    """Raises AwsError when AWS does not answer; a refusal would not go away."""
    weights, unread = {}, []
    for rule in rules:
        try:
            weights[rule] = {id_of(group): weight for group, weight in gateway.lattice_weights(rule).items()}
        except NotFound:
            weights[rule] = {}
        except Denied:
            unread.append(rule)
    return Seen(weights=weights, unread=tuple(unread))


def rules_to_shift(service: Service | None) -> tuple[str, ...]:
    return tuple(way.production_rule for way in (service.lattice if service else ()) if way.is_shifted)


def before(service: Service, seen: Seen, facts: EcsFacts) -> EcsFacts | Fail:
    """What is shifted from where, with what could not be read said for good; or why ECS is not told."""
    ways: list[LatticeWay] = []
    for way in service.lattice:
        if not way.is_shifted or way.production_rule in seen.unread:
            continue
        found = of_rule("production", way.production_rule, way, lambda rule: seen.weights.get(rule, {}))
        if not found.fits:
            return _unfit(service, found)
        (other,) = {id_of(way.target_group), id_of(way.alternate_target_group)} - {found.live}
        ways.append(LatticeWay(rule=way.production_rule, source=found.live, target=other))
    warnings = tuple(UNREAD.format(named(rule)) for rule in seen.unread)
    return replace(facts, lattice=tuple(ways), warnings=(*facts.warnings, *warnings))


def changed(snapshot: Snapshot, seen: Seen) -> str:
    """What somebody else did there since it was noted, right before ECS is told; "" when nothing."""
    for way, weights in _read(snapshot, seen):
        if _share(weights, way.source) != 100:
            return f"{_somebody(way)} it forwards to {_spelled(weights)}, but all of it was on {way.source}."
    return ""


def against(snapshot: Snapshot, seen: Seen, reported: float) -> str:
    """What speaks against believing ECS's report of this share on the release, in a sentence; "" when nothing."""
    for way, weights in _read(snapshot, seen):
        others = [group for group, weight in weights.items() if weight and group not in (way.source, way.target)]
        if others:
            return f"{_somebody(way)} it forwards to {', '.join(others)}."
        if _share(weights, way.target) < reported - 0.2:
            return (
                f"ECS reports {reported:g} % on the release, but the rule {named(way.rule)} of VPC Lattice forwards to "
                f"{_spelled(weights)}, of which {way.target} is the release's."
            )
    return ""


def at_the_end(snapshot: Snapshot, seen: Seen, decision: Decision) -> Decision:
    """The decision; where it is the last and a rule there does not show it, a failure that says so."""
    if not isinstance(decision, Advance):
        return decision
    for way, weights in _read(snapshot, seen):
        wanted = way.source if snapshot.rolling_back else way.target
        if _share(weights, wanted) != 100:
            did = "rolled back" if snapshot.rolling_back else "succeeded"
            return Fail(
                reason=f"ECS says that it {did}, but the rule {named(way.rule)} of VPC Lattice forwards to "
                f"{_spelled(weights)}; all of it should be on {wanted}. Set it right by hand.",
                live=decision.live,
            )
    return decision


def _unfit(service: Service, found: RuleSeen) -> Fail:
    return Fail(reason=f"ECS is to shift {service.name} at VPC Lattice too, but {found.said} ECS was told nothing.")


def _somebody(way: LatticeWay) -> str:
    return f"Someone else changed the rule {named(way.rule)} of VPC Lattice:"


def _read(snapshot: Snapshot, seen: Seen) -> list[tuple[LatticeWay, Mapping[str, int]]]:
    return [(way, seen.weights[way.rule]) for way in snapshot.facts.lattice if way.rule in seen.weights]


def _share(weights: Mapping[str, int], group: str) -> float:
    return 100 * weights.get(group, 0) / (sum(weights.values()) or 1)


def _spelled(weights: Mapping[str, int]) -> str:
    return spell(weights) or "no target group"
