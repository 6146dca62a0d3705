"""Trusts: made by whoever may, and ended by a click. The issuer is asked for its keys before one is made."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction

from deployments.catalog import tokens
from deployments.catalog.models import Application, Environment, Trust
from deployments.catalog.models.trust import LONGEST_NAME
from deployments.catalog.naming import own_name
from deployments.catalog.trusts import issuer_keys
from deployments.identity import claims as claims_of
from deployments.identity import issuers
from deployments.identity.errors import IssuerError
from deployments.people import rights
from deployments.people.principal import Principal
from deployments.people.scopes import SCOPES
from deployments.record import constraints
from deployments.record.append import PEOPLE, append_event
from deployments.refused import Refused
from deployments.texts import typed
from deployments.words import joined

_LONGEST_AUDIENCE = 255
#: Rights that are the application's, and those that are nobody's in particular.
_REGISTERS, _READS = "releases:write", "read"


def make(
    *,
    name: str,
    issuer: str,
    audience: str,
    claims: Mapping[str, str],
    scopes: Collection[str],
    applications: Collection[Application],
    environments: Collection[Environment],
    principal: Principal,
    now: datetime,
) -> Trust:
    """`claims`: name to what it has to be, * for a part of it.

    Raises Refused: no right, a name that is taken or reads as another's, an issuer that cannot be asked, claims that
    would trust anybody, scopes without what they are for, or that give what its maker may not do.
    """
    owner = principal.user
    if (refusal := rights.trust_refusal(principal)) or owner is None:
        raise Refused(refusal)
    name = own_name(name, most=LONGEST_NAME)
    audience = typed(audience, most=_LONGEST_AUDIENCE, what="The audience", field="audience")
    if not audience:
        raise Refused("Say the audience: without one, a token made for another place would open this one.",
                      field="audience")  # fmt: skip
    wanted = {typed(each, most=claims_of.LONGEST_NAME, what="A claim's name", field="claims"): claims[each].strip()
              for each in claims}  # fmt: skip
    issuer = issuer.strip()
    if sentence := issuers.trouble(issuer, plain=issuer in settings.OIDC_PLAIN_ISSUERS):
        raise Refused(sentence, field="issuer")
    if sentence := claims_of.trouble(wanted, issuer):
        raise Refused(sentence, field="claims")
    tokens.require_given(scopes, principal)
    _reach(scopes, applications, environments)
    try:
        issuer_keys.read_now(issuer, now)
    except IssuerError as error:
        raise Refused(f"The issuer's keys cannot be read, so no token of its could be believed: {error}",
                      field="issuer") from error  # fmt: skip
    trust = Trust(
        name=name, owner=owner, issuer=issuer, audience=audience, claims=wanted, scopes=sorted(scopes), made_at=now
    )
    try:
        with transaction.atomic():
            trust.save()
            trust.applications.set(applications)
            trust.environments.set(environments)
            append_event(
                PEOPLE, "trust.made", f"Trust {name} in jobs of {issuer} made by {principal}", now=now,
                principal=principal, data={"trust": name, **_told(trust, applications, environments)},
            )  # fmt: skip
    except IntegrityError as error:
        if not constraints.violated(error, Trust, "trust_unique_name"):
            raise
        raise Refused(f"There is, or was, a trust {name}; call it otherwise.", field="name") from error
    return trust


def end(*, trust: Trust, principal: Principal, now: datetime) -> None:
    """Its jobs get no token from now on, and those that they have open nothing. Raises Refused."""
    if refusal := rights.end_trust_refusal(principal, trust.owner):
        raise Refused(refusal)
    with transaction.atomic():
        if not Trust.objects.filter(pk=trust.pk, ended_at__isnull=True).update(ended_at=now):
            raise Refused(f"The trust {trust} was ended before.")
        append_event(
            PEOPLE, "trust.ended", f"Trust {trust} ended by {principal}", now=now, principal=principal,
            data={"trust": trust.name},
        )  # fmt: skip


def _reach(
    scopes: Collection[str], applications: Collection[Application], environments: Collection[Environment]
) -> None:
    if _REGISTERS in scopes and not applications:
        raise Refused("Say which applications it registers releases of.", field="applications")
    changing = sorted(name for name in scopes if name not in (_REGISTERS, _READS) and name in SCOPES)
    if changing and not environments:
        raise Refused(f"Say which environments it is for: {joined(changing)} would reach all of them.",
                      field="environments")  # fmt: skip


def _told(
    trust: Trust, applications: Collection[Application], environments: Collection[Environment]
) -> dict[str, object]:
    return {
        "issuer": trust.issuer,
        "audience": trust.audience,
        "claims": trust.claims,
        "scopes": trust.scopes,
        "applications": sorted(each.slug for each in applications),
        "environments": sorted(str(each) for each in environments),
    }
