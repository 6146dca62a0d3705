"""A job without a secret, from its ID token to its deployment."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from deployments.catalog.models import Application, Environment, Trust
from deployments.catalog.trusts import making
from deployments.ops import rate
from deployments.people.principal import Principal
from deployments.record.models import Event
from tests.api.conftest import ECR, Pipeline
from tests.delivery import stages
from tests.delivery.engine.world import World
from tests.fakes.aws import FakeGateway
from tests.fakes.issuer import AUDIENCE, Issuer, issuing, rsa_key, signed

TOKEN = "/api/v1/oidc/token"


@pytest.fixture
def issuer(settings: Any) -> Iterator[Issuer]:
    with issuing() as found:
        settings.OIDC_PLAIN_ISSUERS = [found.name]
        yield found


@pytest.fixture
def trust(world: World, issuer: Issuer, administrator: User) -> Trust:
    return making.make(
        name="ci", issuer=issuer.name, audience=AUDIENCE, claims={"repository": "shop/storefront"},
        scopes=["read", "releases:write", "deployments:write"], applications=[world.environment.application],
        environments=[world.environment], principal=Principal.person(administrator), now=timezone.now(),
    )  # fmt: skip


def ask(body: Any, client: Client | None = None, **headers: str) -> Any:
    return (client or Client()).post(TOKEN, body, content_type="application/json", headers=headers)


def job(issuer: Issuer, **changes: Any) -> Pipeline:
    answer = ask({"id_token": issuer.token(timezone.now(), **changes)})
    assert answer.status_code == 201, answer.content
    return Pipeline(answer.json()["token"])


def test_a_job_registers_and_deploys_without_a_secret(
    aws: World, ecr: FakeGateway, trust: Trust, issuer: Issuer
) -> None:
    answer = ask({"id_token": issuer.token(timezone.now())})

    assert answer.headers["Cache-Control"] == "no-store"
    said = answer.json()
    assert (said["name"], said["trust"]) == ("shop/storefront@refs/heads/main via ci", "ci")
    ci = Pipeline(said["token"])
    made = ci.post("/applications/shop/releases", {"version": "1.4", "images": {"web": f"{ECR}:1.4"}})
    assert made.json()["registered_by"] == "shop/storefront@refs/heads/main via ci"
    asked = ci.post("/environments/shop/production/deployments", {"version": "1.1.0", "reason": "merged"})
    assert Event.objects.get(kind="deployment.requested").data["run"] == "run 123"
    assert asked.json()["requested_by"] == ("administrator, by CI: shop/storefront@refs/heads/main via ci, run 123")


def test_a_job_does_not_decide(world: World, trust: Trust, issuer: Issuer) -> None:
    refused = job(issuer).post(f"/gates/{stages.at_gate(world).pk}/approve", {})

    assert (refused.status_code, refused.json()["title"]) == (403, "People decide")


def test_a_job_reaches_what_its_trust_names_and_nothing_else(world: World, trust: Trust, issuer: Issuer) -> None:
    other = Application.objects.create(name="Other", slug="other")
    Environment.objects.create(application=other, name="production", cluster="c")
    Environment.objects.create(application=world.environment.application, name="staging", cluster="c")
    ci = job(issuer)

    release = ci.post("/applications/other/releases", {"version": "1", "images": {"web": "x"}})
    elsewhere = ci.post("/environments/shop/staging/deployments", {"version": "1.1.0", "reason": "x"})
    lock = ci.put("/environments/shop/production/lock", {"message": "x"})

    assert [each.status_code for each in (release, elsewhere, lock)] == [403, 403, 403]
    assert "does not name Other to register releases of" in release.json()["detail"]


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({"ref": "refs/heads/x", "repository": "shop/other"}, 403, "repository is shop/other."),
        ({"exp": 1}, 401, "was good until 1970-01-01 00:00:01 UTC (exp)"),
        ({"iss": "https://evil.example"}, 401, "is not believed here"),
    ],
)
def test_a_refusal_is_a_problem_in_words(
    trust: Trust, issuer: Issuer, changes: dict[str, Any], status: int, said: str
) -> None:
    answer = ask({"id_token": issuer.token(timezone.now(), **changes)})

    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert said in answer.json()["detail"] and answer.json()["field"] == "id_token"


def test_what_is_used_before_is_refused_and_what_fits_twice_is_asked_about(
    trust: Trust, issuer: Issuer, world: World
) -> None:
    token = issuer.token(timezone.now())

    first, again = (ask({"id_token": token}) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 401)
    renewed = ask({"id_token": token}, Authorization=f"Bearer {first.json()['token']}")
    assert renewed.status_code == 201 and renewed.json()["token"] != first.json()["token"]
    making.make(
        name="second", issuer=issuer.name, audience=AUDIENCE, claims={"ref": "refs/heads/main"}, scopes=["read"],
        applications=[], environments=[], principal=Principal.person(trust.owner), now=timezone.now(),
    )  # fmt: skip
    token = issuer.token(timezone.now())
    which = ask({"id_token": token})
    assert (which.status_code, which.json()["field"]) == (409, "trust")
    assert ask({"id_token": token, "trust": "second"}).json()["scopes"] == ["read"]


def test_when_there_is_no_key_it_says_when_to_come_back(trust: Trust, issuer: Issuer) -> None:
    answer = ask({"id_token": signed(issuer.claims(timezone.now()), rsa_key(1), "two")})

    assert answer.status_code == 503
    assert 1 <= int(answer.headers["Retry-After"]) <= 60


@pytest.mark.django_db
@pytest.mark.parametrize("body", [{}, {"id_token": ""}, {"id_token": "x" * 16_385}, {"id_token": "a b"},
                                  {"id_token": "x", "environment": "production"}, {"id_token": 7}, []])  # fmt: skip
def test_what_is_not_understood_is_422(body: Any) -> None:
    assert ask(json.dumps(body)).status_code == 422


@pytest.mark.django_db
def test_one_address_asks_so_often_and_no_oftener(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate, "BY_ADDRESS", rate.Bucket(burst=2, per_second=0.1))
    near, far = Client(REMOTE_ADDR="192.0.2.1"), Client(REMOTE_ADDR="192.0.2.2")

    answers = [ask({"id_token": "x"}, near) for _ in range(3)]

    assert [each.status_code for each in answers] == [401, 401, 429]
    assert int(answers[2].headers["Retry-After"]) > 1
    assert ask({"id_token": "x"}, far).status_code == 401


def test_of_ipv6_a_whole_network_is_one_address(trust: Trust, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every customer has 2⁶⁴ addresses to choose from."""
    monkeypatch.setattr(rate, "BY_ADDRESS", rate.Bucket(burst=2, per_second=0.1))
    from_there = [Client(REMOTE_ADDR=f"2001:db8:1:2::{last}") for last in (1, 2, 3)]

    assert [ask({"id_token": "a.b.c"}, each).status_code for each in from_there] == [401, 401, 429]


def test_no_token_opens_a_page_or_makes_a_trust(trust: Trust, issuer: Issuer) -> None:
    client = Client(headers={"Authorization": f"Bearer {job(issuer).secret}"})

    assert client.get("/deployments/trust/add/").status_code in (302, 403, 404)
    assert client.post("/deployments/trust/add/", {"name": "x"}).status_code in (302, 403, 404)
    assert Trust.objects.count() == 1
