"""VPC Lattice beside a load balancer: its rules, which ECS shifts as it shifts the listener's."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from deployments.aws import errors, values
from deployments.aws.lattice import id_of, is_listener_or_rule, named
from deployments.aws.weights import spell
from deployments.preflight.native_readings import NativeReadings
from deployments.preflight.report import Result, error, ok, unknown, warning
from deployments.preflight.words import listed

Read = Callable[[str], Mapping[str, int]]


@dataclass(frozen=True, kw_only=True)
class RuleSeen:
    #: a sentence that begins with "its …"
    said: str
    #: whether ECS can shift it as it is
    fits: bool = False
    #: whether AWS did not let it be read, so that nothing is known
    unread: bool = False
    #: id of the one target group that has all of it; "" = there is none, or it is not known
    live: str = ""


def of_rule(kind: str, rule: str, way: values.Lattice, read: Read) -> RuleSeen:
    """Raises AwsError when AWS does not answer at all. `kind` is "production" or "test"."""
    if not is_listener_or_rule(rule):
        return RuleSeen(said=f"its {kind} rule is {rule or 'not named'}, which is no listener or rule of VPC Lattice.")
    name = f"its {kind} rule {named(rule)}"
    try:
        weights = {id_of(group): weight for group, weight in read(rule).items()}
    except errors.NotFound:
        return RuleSeen(said=f"{name} does not exist.")
    except errors.Denied as refused:
        return RuleSeen(said=f"{name} could not be read ({refused.code}).", unread=True)
    spelled = spell(weights) or "no target group"
    if weights.keys() - {id_of(way.target_group), id_of(way.alternate_target_group)}:
        return RuleSeen(said=f"{name} forwards to {spelled}, which are not its two target groups alone.")
    live = [group for group, weight in weights.items() if weight]
    if kind == "production" and len(live) != 1:
        return RuleSeen(said=f"{name} forwards to {spelled}, so it is not clear which one is live.")
    return RuleSeen(said=f"{name} forwards to {spelled}.", fits=True, live=live[0] if len(live) == 1 else "")


def rules_of(way: values.Lattice) -> Iterator[tuple[str, str]]:
    """Kind and rule; none where ECS shifts nothing."""
    if way.is_shifted:
        yield "production", way.production_rule
        if way.test_rule:
            yield "test", way.test_rule


def check(found: values.Service, readings: NativeReadings) -> Iterator[Result]:
    """vpc-lattice, vpc-lattice-rule"""
    if not found.alternate_target_group or not found.lattice:
        return
    groups = listed(named(way.target_group) for way in found.lattice)
    shifted = all(way.is_shifted for way in found.lattice)
    when = "as ECS shifts it there" if shifted else "as soon as its tasks start, whatever the gates say"
    yield warning(
        "vpc-lattice",
        f"{found.name} is reached by VPC Lattice too ({groups}): such callers get the release {when}, and nobody "
        "watches what they get.",
        "Name alarms that see what these callers see.",
    )
    for way in found.lattice:
        for kind, rule in rules_of(way):
            yield _told(found, of_rule(kind, rule, way, readings.lattice_weights))


def _told(found: values.Service, seen: RuleSeen) -> Result:
    if seen.unread:
        return unknown(
            "vpc-lattice-rule",
            f"ECS shifts {found.name} at VPC Lattice too: {seen.said} What its callers get will not be compared.",
            "Allow vpc-lattice:GetRule and vpc-lattice:GetListener.",
        )
    if not seen.fits:
        return error(
            "vpc-lattice-rule",
            f"ECS is to shift {found.name} at VPC Lattice too, but {seen.said}",
            "Have the rule forward to the service's two target groups and nothing else, all of it to the one that is "
            "live (UpdateRule or UpdateListener).",
        )
    return ok("vpc-lattice-rule", f"ECS shifts {found.name} at VPC Lattice too: {seen.said}")
