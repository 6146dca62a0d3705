"""From what was ticked to what discovery takes: one service, one deployment group, or both services of a pair."""

from collections.abc import Sequence
from dataclasses import dataclass

from deployments.catalog.discovery.proposal import Proposal
from deployments.refused import Refused
from deployments.words import joined


@dataclass(frozen=True, kw_only=True)
class Chosen:
    cluster: str = ""
    service: str = ""
    codedeploy_application: str = ""
    codedeploy_group: str = ""
    #: the other service that was ticked
    partner: str = ""

    def require_pair(self, proposal: Proposal) -> None:
        """Raises Refused where two services were ticked that are no pair."""
        found = {proposal.columns.get("blue_service"), proposal.columns.get("green_service")}
        if self.partner and found != {self.service, self.partner}:
            raise Refused(
                f"{self.service} and {self.partner} are no service pair: no rule of a load balancer weighs the target "
                "groups of both. Choose one of them, or give them a rule first."
            )


def chosen(keys: Sequence[str]) -> Chosen:
    """Raises Refused for nothing, for more than two, and for two that cannot be a pair."""
    things = [_parts(key) for key in dict.fromkeys(keys)]
    if not things:
        raise Refused("Choose a service or a deployment group; both services of a pair, or one of them.")
    kinds = {kind for kind, _, _ in things}
    if len(things) > 2 or (len(things) == 2 and (kinds != {"service"} or len({place for _, place, _ in things}) > 1)):
        named = joined([name for _, _, name in things])
        raise Refused(
            f"{named} were chosen. One environment is one service, the two services of a pair in one cluster, or one "
            "deployment group; the others become environments of their own."
        )
    kind, place, name = things[0]
    if kind == "group":
        return Chosen(codedeploy_application=place, codedeploy_group=name)
    return Chosen(cluster=place, service=name, partner=things[1][2] if len(things) == 2 else "")


def _parts(key: str) -> tuple[str, str, str]:
    kind, colon, rest = key.partition(":")
    place, slash, name = rest.rpartition("/")
    if kind not in ("service", "group") or not (colon and slash and place and name):
        raise Refused("What was chosen is not in the list any more; look again.")
    return kind, place, name
