"""Each call with each scope: allowed only by the one that the table names."""

from collections.abc import Collection
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from deployments.catalog import tokens
from deployments.catalog.models import Application, Environment, Release
from deployments.delivery.models import Approval
from deployments.people.principal import Principal
from deployments.people.scopes import SCOPES
from tests.api.description import Call, Shop, calls, shop_at_gate
from tests.delivery.engine.world import World
from tests.fakes.aws import FakeGateway

#: What is not read, and by which scope it is allowed; "" by none.
WRITTEN = {
    "POST /applications/{slug}/releases": "releases:write",
    "GET /environments/{slug}/{name}/preview": "deployments:write",
    "POST /environments/{slug}/{name}/deployments": "deployments:write",
    "PUT /environments/{slug}/{name}/lock": "locks:write",
    "DELETE /environments/{slug}/{name}/lock": "locks:write",
    "POST /deployments/{pk}/stop": "deployments:stop",
    "POST /deployments/{pk}/roll-back": "deployments:stop",
    "POST /deployments/{pk}/retry": "deployments:stop",
    "POST /deployments/{pk}/extend": "deployments:stop",
    "POST /deployments/{pk}/finish": "deployments:stop",
    "POST /deployments/{pk}/go-on": "",  # by none alone
    "POST /gates/{pk}/approve": "",
    "POST /gates/{pk}/reject": "",
}
#: Asked without a token, or by each of itself, and answered alike with any.
OPEN = {
    "GET /me", "POST /device/sign-out", "POST /device/code", "POST /device/token", "POST /forges/{pk}/github",
    "POST /oidc/token",
}  # fmt: skip


def guarded() -> list[Call]:
    return [call for call in calls() if str(call) not in OPEN]


def wanted(call: Call) -> str:
    return WRITTEN.get(str(call), "read" if call.method == "get" else "?")


@pytest.fixture
def root(aws: World, ecr: FakeGateway) -> World:
    """Whoever makes the tokens may do everything."""
    aws.requester.is_superuser = True
    aws.requester.save()
    return aws


@pytest.fixture
def shop(root: World) -> Shop:
    return shop_at_gate(root)


def holding(world: World, name: str, scopes: Collection[str], environments: Collection[Environment] = ()) -> Client:
    _, secret = tokens.make(
        name=name, scopes=scopes, environments=environments, principal=Principal.person(world.requester),
        now=timezone.now(),
    )  # fmt: skip
    return Client(headers={"Authorization": f"Bearer {secret}"})


def refused(call: Call, client: Client, address: str) -> bool:
    answer = call.sent(client, address)
    assert answer.status_code < 500 and answer.status_code not in (401, 422), answer.content
    return bool(answer.status_code == 403)


def test_every_call_is_in_the_table() -> None:
    assert [str(call) for call in guarded() if wanted(call) == "?"] == []
    assert set(WRITTEN) | OPEN <= {str(call) for call in calls()}


@pytest.mark.parametrize("scope", sorted(SCOPES))
def test_each_scope_allows_its_calls_and_no_other(root: World, shop: Shop, scope: str) -> None:
    client = holding(root, "one", [scope])

    found = {str(call): not refused(call, client, call.address(shop)) for call in guarded()}

    assert found == {str(call): wanted(call) == scope for call in guarded()}


def test_to_go_on_a_token_may_deploy_as_well_as_stop(root: World, shop: Shop) -> None:
    call = next(call for call in calls() if str(call) == "POST /deployments/{pk}/go-on")
    both = holding(root, "both", ["deployments:stop", "deployments:write"])

    assert not refused(call, both, call.address(shop))


def test_a_token_for_another_environment_changes_nothing_here(root: World, shop: Shop) -> None:
    other = Environment.objects.create(application=root.environment.application, name="staging", cluster="c")
    client = holding(root, "all", SCOPES, [other])

    found = {str(call) for call in guarded() if refused(call, client, call.address(shop))}

    # A release is the application's, of which this token has an environment.
    assert found == set(WRITTEN) - {"POST /applications/{slug}/releases"}


def test_who_has_lost_every_right_opens_nothing_with_any_token(root: World, shop: Shop) -> None:
    client = holding(root, "all", SCOPES)
    root.requester.is_superuser = False
    root.requester.save()
    root.requester.groups.clear()

    assert [str(call) for call in guarded() if not refused(call, client, call.address(shop))] == []


def test_a_token_is_nobody_on_the_pages(root: World, shop: Shop) -> None:
    client = holding(root, "all", SCOPES)

    for path in ("/", f"/deployments/deployment/{shop.deployment}/change/", "/deployments/token/add/"):
        for answer in (client.get(path), client.post(path, {"decide": "approve", "verdict": "approve"})):
            assert answer.status_code in (302, 403), path
            assert answer.status_code == 403 or "/login/" in answer.headers["Location"]
    assert not Approval.objects.exists()


def test_nothing_that_is_secret_is_answered(root: World, shop: Shop, settings: Any) -> None:
    settings.REGISTRY_SECRETS = {"GHCR": "https://robot:hidden-password@ghcr.io"}
    Application.objects.update(registry_secret="GHCR")
    Environment.objects.update(external_id="hidden-external-id", role_arn="arn:aws:iam::123456789012:role/tealgate")
    container = {"name": "web", "image": "x", "environment": [{"name": "KEY", "value": "hidden-value"}]}
    Release.objects.update(task_definition={"document": {"containerDefinitions": [container]}, "salt": "hidden-salt"})
    client = holding(root, "all", SCOPES)

    reads = [call for call in guarded() if call.method == "get"]
    answers = {str(call): call.sent(client, call.address(shop)) for call in reads}

    assert {answer.status_code for answer in answers.values()} == {200}
    assert [call for call, answer in answers.items() if b"hidden" in answer.content] == []
