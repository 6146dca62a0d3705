"""What ECS makes by itself for a revision of a service: in Express Mode, or by an ECS Gateway."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Managed:
    """Its way in, and what rolls it back. All are ARNs but for the names of alarms; "" or () = ECS tells of none."""

    #: a name, or an address with its scheme
    endpoint: str = ""
    load_balancer: str = ""
    listener: str = ""
    production_rule: str = ""
    test_rule: str = ""
    #: two: the one that serves and the other one, in no order
    target_groups: tuple[str, ...] = ()
    #: names of the alarms on which ECS rolls a deployment back
    alarms: tuple[str, ...] = ()
