"""An issuer on loopback, and a shop that trusts one of its repositories."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User

from deployments.catalog.models import Environment, Trust
from deployments.catalog.trusts import making
from deployments.people.principal import Principal
from tests.delivery.engine.world import NOON, make_environment
from tests.fakes.issuer import AUDIENCE, Issuer, issuing

CLAIMS = {"repository": "shop/storefront", "ref": "refs/heads/main", "environment": "production"}
Trusted = Callable[..., Trust]


@pytest.fixture
def issuer(settings: Any) -> Iterator[Issuer]:
    with issuing() as found:
        settings.OIDC_PLAIN_ISSUERS = [found.name]
        yield found


@pytest.fixture
def environment(db: None) -> Environment:
    return make_environment()


@pytest.fixture
def trusted(issuer: Issuer, environment: Environment, administrator: User) -> Trusted:
    def make(**changes: Any) -> Trust:
        wanted: dict[str, Any] = {
            "name": "storefront-ci", "issuer": issuer.name, "audience": AUDIENCE, "claims": CLAIMS,
            "scopes": ["read", "releases:write", "deployments:write"], "applications": [environment.application],
            "environments": [environment], "principal": Principal.person(administrator), "now": NOON,
        }  # fmt: skip
        return making.make(**(wanted | changes))

    return make


@pytest.fixture
def trust(trusted: Trusted) -> Trust:
    return trusted()
