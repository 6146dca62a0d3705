"""Adding an environment in the browser's way: a form, what was found, one click."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from deployments.catalog.models import Environment
from tests.flows.storefront import Storefront

pytestmark = [pytest.mark.flow, pytest.mark.django_db]


def _answer(storefront: Storefront, client: Client, button: str, **changes: str) -> str:
    client.force_login(User.objects.create_superuser("root"))
    like = storefront.environment
    where = {
        "application": str(like.application_id),
        "name": "found",
        "region": like.region,
        "cluster": like.cluster,
        "service": "payments",
        "role_arn": like.role_arn,
        "external_id": like.external_id,
    }
    address = reverse("admin:deployments_environment_discover")
    return client.post(address, {**where, button: "", **changes}, follow=True).content.decode()


def test_what_was_found_is_shown_with_its_preflight_before_anything_is_kept(
    storefront: Storefront, client: Client
) -> None:
    page = _answer(storefront, client, "look")

    assert "payments is set up for ECS&#x27;s own traffic shift (CANARY)." in page
    assert "Ready to deploy" in page
    assert not Environment.objects.filter(name="found").exists()


def test_a_deployment_group_is_read_instead_of_a_service(storefront: Storefront, client: Client) -> None:
    page = _answer(storefront, client, "look", cluster="", service="", codedeploy_application="catalog")

    assert "catalog/production deploys to catalog by CodeDeployDefault.ECSCanary10Percent5Minutes" in page
    assert "Ready to deploy" in page


def test_one_click_keeps_it(storefront: Storefront, client: Client) -> None:
    page = _answer(storefront, client, "keep")

    assert "was added" in page
    assert Environment.objects.get(name="found").controller == "ECS"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"service": "nowhere"}, "no active service nowhere"),
        ({"cluster": "nowhere"}, "AWS could not be read"),
        ({"service": ""}, "Give a service too"),
        (
            {"codedeploy_application": "catalog", "codedeploy_group": "no"},
            "has no deployment group no. There are: prod",
        ),
        ({"external_id": "wrong"}, "AWS could not be read"),
        ({"name": "production"}, "already exists"),
    ],
)
def test_bad_input_is_a_sentence_in_the_form(
    storefront: Storefront, client: Client, changes: dict[str, str], sentence: str
) -> None:
    page = _answer(storefront, client, "keep", **changes)

    assert sentence in page
    assert not Environment.objects.filter(name="found").exists()


def test_who_may_not_add_environments_is_told_so(storefront: Storefront, client: Client) -> None:
    client.force_login(storefront.manager)

    answer = client.get(reverse("admin:deployments_environment_discover"))

    assert answer.status_code == 403
