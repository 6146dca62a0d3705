"""Adding an environment in the browser's way: a form, what was found, one click."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from deployments.admin.discovery_form import key
from deployments.catalog.models import Environment
from tests.flows.storefront import Storefront

pytestmark = [pytest.mark.flow, pytest.mark.django_db]


SERVICE = "service:{cluster}/payments"


def _answer(storefront: Storefront, client: Client, button: str, chosen: str = SERVICE, **changes: str) -> str:
    client.force_login(User.objects.create_superuser("root"))
    like = storefront.environment
    where = {"application": str(like.application_id), "name": "found", "account": key(like.binding)}
    where |= {"chosen": chosen.format(cluster=like.cluster), "region": like.region, "role_arn": like.role_arn}
    address = reverse("admin:deployments_environment_discover")
    return client.post(address, {**where, button: "", **changes}, follow=True).content.decode()


def test_what_runs_in_the_account_is_a_list_to_choose_from(storefront: Storefront, client: Client) -> None:
    page = _answer(storefront, client, "look", q="")

    assert f'value="service:{storefront.environment.cluster}/payments"' in page
    assert "ECS’s own blue/green" in page and "Its deployment controller is CODE_DEPLOY." in page
    assert f"{storefront.environment} is deployed to the same service {storefront.environment.blue_service} of" in page
    assert _answer_again(storefront, client, q="payments").count('name="chosen"') == 1


def _answer_again(storefront: Storefront, client: Client, **changes: str) -> str:
    like = storefront.environment
    where = {"application": str(like.application_id), "account": key(like.binding), "look": "", **changes}
    return client.post(reverse("admin:deployments_environment_discover"), where).content.decode()


def test_where_all_is_taken_it_is_said_and_there_is_nothing_to_press(storefront: Storefront, client: Client) -> None:
    page = _answer(storefront, client, "look", q=storefront.environment.blue_service)

    assert "Nothing here can be chosen: each is taken" in page
    assert "Choose one" not in page and 'name="see"' not in page


def test_what_was_found_is_shown_with_its_preflight_before_anything_is_kept(
    storefront: Storefront, client: Client
) -> None:
    page = _answer(storefront, client, "see")

    assert "payments is set up for ECS&#x27;s own traffic shift (CANARY)." in page
    assert "Ready to deploy" in page
    assert not Environment.objects.filter(name="found").exists()


def test_a_deployment_group_is_read_instead_of_a_service(storefront: Storefront, client: Client) -> None:
    page = _answer(storefront, client, "see", chosen="group:catalog/production")

    assert "catalog/production deploys to catalog by CodeDeployDefault.ECSCanary10Percent5Minutes" in page
    assert "Ready to deploy" in page


def test_one_click_keeps_it(storefront: Storefront, client: Client) -> None:
    page = _answer(storefront, client, "keep")

    assert "was added" in page
    assert Environment.objects.get(name="found").controller == "ECS"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"chosen": "service:{cluster}/nowhere"}, "no active service nowhere"),
        ({"chosen": "service:nowhere/payments"}, "AWS could not be read"),
        ({"chosen": ""}, "not in the list any more"),
        ({"chosen": "group:catalog/no"}, "has no deployment group no. There are: prod"),
        ({"account": "another", "external_id": "wrong"}, "could not be"),
        ({"name": "production"}, "already exists"),
        ({"name": ""}, "Give it a name"),
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
