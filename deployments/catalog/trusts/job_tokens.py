"""What jobs were given, shown again with each request."""

from datetime import datetime

from deployments.catalog import tokens
from deployments.catalog.models import JobToken, Trust
from deployments.people.principal import Principal
from deployments.people.scopes import rights_of
from deployments.prepared import Prepared
from deployments.vocabulary import ActorKind

_SHOWN = Prepared(lambda digest: JobToken.objects.select_related("trust__owner").filter(digest=digest))
_PLACES = Prepared(
    lambda trust: Trust.environments.through.objects.filter(trust=trust).values_list("environment", flat=True)
)
_APPLICATIONS = Prepared(
    lambda trust: Trust.applications.through.objects.filter(trust=trust).values_list("application", flat=True)
)


def recognised(secret: str, now: datetime) -> Principal | None:
    """Which job it is, with what its trust allows now; None when the token or the trust is over, or nobody answers."""
    if not tokens.is_one(secret):
        return None
    token = _SHOWN.first(digest=tokens.digest_of(secret))
    if token is None or not token.is_good(now):
        return None
    trust = token.trust
    return Principal(
        ActorKind.TOKEN,
        token.name,
        owner=trust.owner,
        rights=rights_of(trust.scopes),
        environments=frozenset(_PLACES(trust=trust.pk)),
        applications=frozenset(_APPLICATIONS(trust=trust.pk)),
        run=token.run,
        run_url=token.run_url,
    )
