"""What jobs were given, shown again with each request."""

from datetime import datetime

from deployments.catalog import tokens
from deployments.catalog.models import JobToken
from deployments.people.principal import Principal
from deployments.people.scopes import rights_of
from deployments.vocabulary import ActorKind


def recognised(secret: str, now: datetime) -> Principal | None:
    """Which job it is, with what its trust allows now; None when the token or the trust is over, or nobody answers."""
    if not tokens.is_one(secret):
        return None
    rows = JobToken.objects.select_related("trust__owner")
    token = rows.filter(digest=tokens.digest_of(secret)).first()
    if token is None or not token.is_good(now):
        return None
    trust = token.trust
    return Principal(
        ActorKind.TOKEN,
        token.name,
        owner=trust.owner,
        rights=rights_of(trust.scopes),
        environments=frozenset(trust.environments.values_list("pk", flat=True)),
        applications=frozenset(trust.applications.values_list("pk", flat=True)),
        run=token.run,
        run_url=token.run_url,
    )
