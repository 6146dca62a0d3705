"""A job of a CI that is trusted: the client shows its ID token to a Tealgate that believes its issuer."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from deployments.catalog.models import JobToken, Trust
from deployments.catalog.trusts import making
from deployments.delivery.models import Deployment
from deployments.people.principal import Principal
from tests.api.conftest import ECR
from tests.client.conftest import URL, Server, Tealgate
from tests.client.test_deploying import going
from tests.delivery.engine.world import World
from tests.fakes.aws import FakeGateway
from tests.fakes.issuer import Issuer, issuing

__all__ = ["going"]


@pytest.fixture
def issuer(settings: Any) -> Iterator[Issuer]:
    with issuing() as found:
        settings.OIDC_PLAIN_ISSUERS = [found.name]
        yield found


@pytest.fixture
def trust(world: World, issuer: Issuer, administrator: User) -> Trust:
    return making.make(
        name="ci", issuer=issuer.name, audience=URL, claims={"project_path": "shop/storefront", "ref": "main"},
        scopes=["read", "releases:write", "deployments:write"], applications=[world.environment.application],
        environments=[world.environment], principal=Principal.person(administrator), now=timezone.now(),
    )  # fmt: skip


@pytest.fixture
def gitlab(typed: Tealgate, server: Server, trust: Trust, issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> Tealgate:
    """One ID token for all of the job."""
    token = issuer.token(
        timezone.now(), aud=URL, repository=None, project_path="shop/storefront", ref="main", job_id="7"
    )
    monkeypatch.setenv("GITLAB_CI", "true")
    monkeypatch.setenv("TEALGATE_ID_TOKEN", token)
    return typed


def test_a_job_registers_and_deploys_with_one_id_token(going: World, ecr: FakeGateway, gitlab: Tealgate) -> None:
    registered = gitlab("release", "register", "shop", "1.4", "--image", f"web={ECR}:1.4")
    deployed = gitlab("deploy", "shop/production", going.release.version, "--until", "gate")

    assert (registered.code, deployed.code) == (0, 0), registered.err + deployed.err
    assert Deployment.objects.get().requester == "administrator, by CI: shop/storefront@main via ci, run 123"
    assert JobToken.objects.count() == 1


def test_a_job_that_waits_for_longer_than_its_token_lasts_goes_on(
    going: World, server: Server, gitlab: Tealgate
) -> None:
    """While it waits the token ends: it shows the ID token again, with what it was given for it."""
    step = server.meanwhile

    def and_its_token_ends() -> None:
        step()
        JobToken.objects.filter(pk=JobToken.objects.earliest("pk").pk).update(expires_at=timezone.now())

    server.meanwhile = and_its_token_ends
    done = gitlab("deploy", "shop/production", going.release.version)

    assert done.code == 0, done.err
    assert JobToken.objects.count() == 2


def test_a_job_of_another_branch_is_told_what_did_not_fit(
    gitlab: Tealgate, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = issuer.token(timezone.now(), aud=URL, project_path="shop/storefront", ref="main2")
    monkeypatch.setenv("TEALGATE_ID_TOKEN", token)

    done = gitlab("environments")

    assert done.code == 2
    assert "No trust fits this ID token: ref is main2." in done.err
