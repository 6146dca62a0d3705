"""A CI is trusted by whoever may, for what they say, and only if its issuer answers."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from deployments.catalog.models import Trust
from deployments.catalog.trusts import making
from deployments.people.principal import Principal
from deployments.record.models import Event
from deployments.refused import Refused
from tests.catalog.trusts.conftest import CLAIMS, Trusted
from tests.delivery.engine.world import NOON
from tests.fakes.issuer import DISCOVERY, KEYS, Issuer


def test_the_log_tells_who_trusts_whom_for_what(trust: Trust) -> None:
    event = Event.objects.get(kind="trust.made")

    assert (event.chain.name, event.actor) == ("people", "administrator")
    assert event.data["claims"] == CLAIMS
    assert (event.data["applications"], event.data["environments"]) == (["shop"], ["shop/production"])


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"name": " "}, "name", "Give it a name"),
        ({"audience": ""}, "audience", "made for another place would open this one"),
        ({"claims": {}}, "claims", "every job of the issuer would be trusted"),
        ({"issuer": "http://ci.example.com"}, "issuer", "starts with https://"),
        ({"issuer": "ci.example.com"}, "issuer", "An issuer is an address such as"),
        ({"issuer": "https://ci.example.com?x=1"}, "issuer", "no ? and no #"),
        ({"issuer": "https://[::1"}, "issuer", "An issuer is an address such as"),
        ({"scopes": []}, "scopes", "Choose what it may do"),
        ({"scopes": ["gates:decide"]}, "scopes", "There is no scope gates:decide"),
        ({"applications": []}, "applications", "which applications it registers releases of"),
        ({"environments": []}, "environments", "deployments:write would reach all of them"),
    ],
)
def test_what_makes_no_sense_is_refused(trusted: Trusted, changes: dict[str, Any], field: str, sentence: str) -> None:
    with pytest.raises(Refused) as refused:
        trusted(**changes)

    assert refused.value.field == field and sentence in str(refused.value)
    assert not Trust.objects.exists()


def test_only_who_may_trusts_a_ci(trusted: Trusted, requester: User) -> None:
    with pytest.raises(Refused, match="You do not have the right to trust a CI"):
        trusted(principal=Principal.person(requester))
    with pytest.raises(Refused, match="Only people may trust a CI"):
        trusted(principal=Principal.token("ci"))


def test_a_name_is_used_once(trust: Trust, trusted: Trusted) -> None:
    with pytest.raises(Refused, match="There is, or was, a trust storefront-ci"):
        trusted()


def test_it_is_ended_once_by_whoever_made_it_or_an_administrator(trust: Trust, requester: User) -> None:
    with pytest.raises(Refused, match="end somebody else's trust"):
        making.end(trust=trust, principal=Principal.person(requester), now=NOON)
    making.end(trust=trust, principal=Principal.person(trust.owner), now=NOON)

    with pytest.raises(Refused, match="was ended before"):
        making.end(trust=trust, principal=Principal.person(trust.owner), now=NOON)
    assert Event.objects.get(kind="trust.ended").data == {"trust": "storefront-ci"}


def html(issuer: Issuer) -> None:
    issuer.web.answers[DISCOVERY] = (200, {"Content-Type": "text/html"}, b"<html>Sign in</html>")


def deep(issuer: Issuer) -> None:
    issuer.web.answers[DISCOVERY] = (200, {}, b"[" * 100_000)


def redirects(issuer: Issuer) -> None:
    issuer.web.answers[KEYS] = (302, {"Location": "http://169.254.169.254/latest/"}, b"")


def huge(issuer: Issuer) -> None:
    issuer.web.answers[KEYS] = (200, {}, b'{"keys": ["' + b"x" * 1024 * 1024 + b'"]}')


def without_signing_keys(issuer: Issuer) -> None:
    issuer.answers(KEYS, {"keys": [{"kty": "oct", "k": "c2VjcmV0"}, {"kty": "RSA", "use": "enc"}, 7]})


BROKEN: dict[str, tuple[Any, str]] = {
    "500": (lambda issuer: issuer.answers(DISCOVERY, {}, 500), "answered HTTP 500"),
    "html": (html, "something that is no JSON"),
    "deep": (deep, "something that is no JSON"),
    "list": (lambda issuer: issuer.answers(KEYS, []), "no JSON object"),
    "redirect": (redirects, "redirects \\(HTTP 302\\), which is not followed"),
    "huge": (huge, "more than 1024 KiB"),
    "slash": (lambda issuer: issuer.publish(issuer=f"{issuer.name}/"), "calls itself '.*/'; name the issuer"),
    "another": (lambda issuer: issuer.publish(issuer="https://evil.example"), "calls itself 'https://evil.example'"),
    "nowhere": (lambda issuer: issuer.publish(jwks_uri=None), "does not say at which https address"),
    "file": (lambda issuer: issuer.publish(jwks_uri="file:///etc/passwd"), "does not say at which https address"),
    "elsewhere": (lambda issuer: issuer.publish(jwks_uri="http://10.0.0.1/keys"), "10.0.0.1, a private address"),
    "local": (lambda issuer: issuer.publish(jwks_uri="http://localhost:1/keys"), "a private address"),
    "metadata": (lambda issuer: issuer.publish(jwks_uri="http://169.254.169.254/keys"), "metadata address"),
    "no keys": (without_signing_keys, "lists no key for RS256 or ES256"),
}  # fmt: skip


@pytest.mark.parametrize("how", BROKEN)
def test_an_issuer_that_cannot_be_asked_is_not_trusted(trusted: Trusted, issuer: Issuer, how: str) -> None:
    breaks, sentence = BROKEN[how]
    breaks(issuer)

    with pytest.raises(Refused, match=f"no token of its could be believed: .*{sentence}"):
        trusted()


def test_an_issuer_that_hangs_is_waited_for_a_little(
    trusted: Trusted, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deployments.identity.issuers.SECONDS", 0.2)
    issuer.hangs(KEYS)

    with pytest.raises(Refused, match="did not answer within 0.2 s"):
        trusted()
