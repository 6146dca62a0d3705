"""CI trust on its page: made from a preset, tried with an ID token, ended by a click."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from deployments.catalog.models import JobToken, Trust, UsedIdToken
from deployments.catalog.trusts.exchange import exchange
from deployments.delivery.models import Deployment
from deployments.record.models import Event
from tests.admin.conftest import Browser
from tests.delivery.engine.world import World
from tests.fakes.issuer import AUDIENCE, Issuer, issuing

ADD = "admin:deployments_trust_add"
LIST = "admin:deployments_trust_changelist"


@pytest.fixture
def issuer(settings: Any) -> Iterator[Issuer]:
    with issuing() as found:
        settings.OIDC_PLAIN_ISSUERS = [found.name]
        yield found


@pytest.fixture
def sent(world: World, issuer: Issuer) -> dict[str, Any]:
    """What a good form sends."""
    return {
        "name": "storefront-ci", "issuer": issuer.name, "audience": AUDIENCE,
        "claim": ["repository", "ref", "environment", ""], "value": ["shop/storefront", "refs/heads/main", "", ""],
        "scopes": ["read", "releases:write", "deployments:write"],
        "applications": [world.environment.application_id], "environments": [world.environment.pk],
    }  # fmt: skip


@pytest.fixture
def trust(sent: dict[str, Any], browse: Browser, administrator: User) -> Trust:
    browse(administrator).post(reverse(ADD), sent)
    return Trust.objects.get()


def page(trust: Trust) -> str:
    return reverse("admin:deployments_trust_change", args=[trust.pk])


def test_what_was_filled_in_is_trusted_and_what_was_not_is_not_asked_for(trust: Trust) -> None:
    assert trust.claims == {"repository": "shop/storefront", "ref": "refs/heads/main"}
    assert trust.scopes == ["deployments:write", "read", "releases:write"]


def test_the_list_and_the_page_say_whom_for_what_and_where(trust: Trust, browse: Browser, administrator: User) -> None:
    listed, shown = (browse(administrator).get(each).content.decode() for each in (reverse(LIST), page(trust)))

    for said in ("storefront-ci", "shop/storefront", "refs/heads/main", "shop/production", "releases:write"):
        assert said in listed and said in shown
    assert "name repository_id, which stays with it" in shown and "Runs of every branch" not in shown
    assert "made by administrator" in shown and "keys were read" in shown


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("github", ("https://token.actions.githubusercontent.com", "repository_id", 'value="http://testserver"')),
        ("gitlab", ("https://gitlab.com", "project_path", 'value="branch"')),
        ("bitbucket", ("api.bitbucket.org", "repositoryUuid", "ari:cloud:bitbucket")),
        ("any", ("https://ci.example.com", 'value="sub"')),
        ("nonsense", ("https://token.actions.githubusercontent.com",)),
    ],
)
def test_presets_fill_in_what_a_ci_calls_its_claims(
    world: World, browse: Browser, administrator: User, key: str, said: tuple[str, ...]
) -> None:
    shown = browse(administrator).get(reverse(ADD), {"preset": key}).content.decode()

    assert [each for each in said if each not in shown] == []


def test_one_like_another_begins_with_what_that_says(trust: Trust, browse: Browser, administrator: User) -> None:
    shown = browse(administrator).get(reverse(ADD), {"like": trust.pk}).content.decode()

    assert 'value="shop/storefront"' in shown and trust.issuer in shown
    assert f'name="environments" value="{trust.environments.get().pk}"' in shown and "checked" in shown


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"value": ["*/storefront", "", "", ""]}, "before the first / would trust others"),
        ({"value": ["", "", "", ""]}, "Name at least one claim"),
        ({"claim": ["x"] * 30, "value": ["y"] * 30, "scopes": []}, "This field is required"),
        ({"applications": []}, "Say which applications it registers releases of."),
        ({"environments": []}, "Say which environments it is for"),
        ({"issuer": "http://ci.example.com"}, "starts with https://"),
        ({"name": ""}, "This field is required"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    sent: dict[str, Any], browse: Browser, administrator: User, changes: dict[str, Any], sentence: str
) -> None:
    shown = browse(administrator).post(reverse(ADD), sent | changes).content.decode()

    assert sentence in shown and AUDIENCE in shown
    assert not Trust.objects.exists()


def test_what_the_ci_offers_is_still_there_after_something_was_wrong(browse: Browser, administrator: User) -> None:
    typed = {"name": "", "claim": ["repository", "ref"], "value": ["shop/web", ""]}
    shown = browse(administrator).post(f"{reverse(ADD)}?preset=github", typed).content.decode()

    assert shown.count('value="repository"') == 1 and 'value="shop/web"' in shown
    for claim in ("repository_id", "ref", "environment"):
        assert f'name="claim" value="{claim}"' in shown


def test_an_issuer_that_does_not_answer_is_said_beside_its_field(
    sent: dict[str, Any], issuer: Issuer, browse: Browser, administrator: User
) -> None:
    issuer.answers("/.well-known/openid-configuration", {}, 500)

    assert "answered HTTP 500" in browse(administrator).post(reverse(ADD), sent).content.decode()


def test_trying_an_id_token_says_what_fits_and_makes_nothing(
    trust: Trust, issuer: Issuer, browse: Browser, administrator: User
) -> None:
    def tried(**changes: Any) -> str:
        answer = browse(administrator).post(page(trust), {"id_token": issuer.token(timezone.now(), **changes)})
        assert "no-store" in answer.headers["Cache-Control"]
        return str(answer.content.decode())

    assert "It fits." in tried()
    other = tried(repository="Shop/storefront", event_name="pull_request_target")
    assert "It does not fit." in other and "Only small and capital letters differ." in other
    assert "can start such a run" in other and "to be named" in other
    assert "was good until 1970" in tried(exp=1)
    assert "is not signed by RS256 or ES256" not in tried() and "It is no ID token" in _nonsense(browse, trust)
    assert "Nobody trusts the issuer &#x27;https://evil.example" in tried(iss="https://evil.example")
    assert not JobToken.objects.exists() and not UsedIdToken.objects.exists()
    assert not Event.objects.filter(kind="trust.used").exists()


def _nonsense(browse: Browser, trust: Trust) -> str:
    return str(browse(trust.owner).post(page(trust), {"id_token": "<script>x</script>"}).content.decode())


def test_the_page_lists_which_jobs_were_let_in(
    trust: Trust, issuer: Issuer, browse: Browser, administrator: User
) -> None:
    exchange(id_token=issuer.token(timezone.now()), now=timezone.now())

    shown = browse(administrator).get(page(trust)).content.decode()
    assert "shop/storefront@refs/heads/main via storefront-ci was given a token" in shown and "run 123" in shown


def test_it_is_ended_by_a_click(trust: Trust, browse: Browser, requester: User, administrator: User) -> None:
    assert browse(requester).post(page(trust)).status_code == 403
    assert Trust.objects.get().ended_at is None

    shown = browse(administrator).post(page(trust), follow=True).content.decode()

    assert "No job is given anything by storefront-ci any more." in shown and "Ended" in shown


def test_whoever_may_not_trust_a_ci_is_told_so(trust: Trust, browse: Browser, requester: User) -> None:
    for address in (reverse(LIST), reverse(ADD), page(trust)):
        assert browse(requester).get(address).status_code == 403


def test_a_deployment_leads_to_the_run_that_asked_for_it(at_gate: Deployment, browse: Browser, requester: User) -> None:
    url = "https://github.com/shop/storefront/actions/runs/9"
    Deployment.objects.update(
        requested_through="shop/storefront@refs/heads/main via ci", requested_run="run 123", requested_run_url=url
    )

    shown = browse(requester).get(reverse("admin:deployments_deployment_change", args=[at_gate.pk])).content.decode()

    assert "by CI: shop/storefront@refs/heads/main via ci, run 123" in shown and f'href="{url}"' in shown
