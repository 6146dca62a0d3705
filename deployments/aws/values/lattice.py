"""A service's way in by VPC Lattice, as ECS is told of it."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Lattice:
    """All are ARNs. Without an alternate target group ("") ECS registers tasks there and shifts nothing."""

    target_group: str
    alternate_target_group: str = ""
    #: a listener's rule, or the listener
    production_rule: str = ""
    test_rule: str = ""

    @property
    def is_shifted(self) -> bool:
        return bool(self.alternate_target_group)
