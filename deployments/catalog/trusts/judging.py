"""Which trust an ID token fits, and where not: for the exchange, and for people who try one on the page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from deployments.catalog.models import Trust
from deployments.catalog.trusts import issuer_keys
from deployments.catalog.trusts.issuer_keys import NoKeys
from deployments.identity import claims as claims_of
from deployments.identity import envelope, signature, times
from deployments.identity.claims import Compared
from deployments.identity.errors import Unsigned


@dataclass(frozen=True, kw_only=True)
class Judged:
    trust: Trust
    compared: Sequence[Compared]

    @property
    def fits(self) -> bool:
        return all(each.fits for each in self.compared)

    @property
    def misfits(self) -> list[Compared]:
        return [each for each in self.compared if not each.fits]


@dataclass(frozen=True, kw_only=True)
class Tried:
    #: why it would not be believed at all, in a sentence; "" when it is
    trouble: str
    #: of each trust in its issuer, those that fit best first
    judged: Sequence[Judged] = ()


def proven(id_token: str, now: datetime) -> tuple[Mapping[str, Any], list[Trust]]:
    """Its claims, and the trusts in its issuer that there are now. No request goes out for any other issuer.

    Raises Unsigned and NoKeys.
    """
    seen = envelope.opened(id_token)
    rows = Trust.objects.select_related("owner").filter(issuer=seen.issuer, ended_at__isnull=True)
    if not (trusts := list(rows.order_by("pk"))):
        raise Unsigned(f"Nobody trusts the issuer {seen.issuer[:200]!r}.")
    return signature.proven(id_token, seen, issuer_keys.keys(seen, now)), trusts


def judged(trusts: Sequence[Trust], claims: Mapping[str, Any]) -> list[Judged]:
    """Those that fit best first."""
    found = [Judged(trust=trust, compared=claims_of.compared(trust.claims, trust.audience, claims)) for trust in trusts]
    return sorted(found, key=lambda each: len(each.misfits))


def tried(id_token: str, now: datetime) -> Tried:
    """For people who may see trusts: everything is said, and nothing is made of it."""
    try:
        claims, trusts = proven(id_token.strip(), now)
    except Unsigned as error:
        return Tried(trouble=str(error))
    except NoKeys as error:
        return Tried(trouble=f"The issuer's keys could not be read; try again in {error.seconds} s.")
    return Tried(trouble=times.trouble(claims, now), judged=judged(trusts, claims))
