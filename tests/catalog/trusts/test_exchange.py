"""A job's ID token for one of ours: every trick by which one could be had that should not be."""

import base64
import hashlib
import hmac
import json
from datetime import datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from deployments.catalog.models import Environment, IssuerKeys, JobToken, Trust, UsedIdToken
from deployments.catalog.trusts import job_tokens, making
from deployments.catalog.trusts.exchange import LASTS, Given, NotGiven, Why, exchange
from deployments.people.principal import Principal
from deployments.record.models import Event
from tests.catalog.trusts.conftest import Trusted
from tests.delivery.engine.world import NOON
from tests.fakes.issuer import AUDIENCE, DISCOVERY, KEYS, Issuer, issuing, jwk, pem, rsa_key, signed


def given(token: str, now: datetime = NOON, trust: str = "", before: str = "") -> Given:
    return exchange(id_token=token, trust=trust, now=now, before=before)


def refused(token: str, now: datetime = NOON, trust: str = "", before: str = "") -> NotGiven:
    with pytest.raises(NotGiven) as error:
        given(token, now, trust, before)
    return error.value


def test_a_job_is_given_what_its_trust_allows(trust: Trust, issuer: Issuer, environment: Environment) -> None:
    made = given(issuer.token(NOON))

    found = job_tokens.recognised(made.secret, NOON)
    assert found and found.owner == trust.owner
    assert (found.name, found.run) == ("shop/storefront@refs/heads/main via storefront-ci", "run 123")
    assert found.rights >= {"deployments.add_release", "deployments.add_deployment"}
    assert "deployments.decide_gate" not in found.rights
    assert found.environments == frozenset({environment.pk})
    assert found.applications == frozenset({environment.application_id})
    assert Trust.objects.get().last_used_at == NOON


def test_it_lasts_a_quarter_of_an_hour_and_is_kept_as_its_hash(trust: Trust, issuer: Issuer) -> None:
    made = given(issuer.token(NOON))

    assert job_tokens.recognised(made.secret, NOON + LASTS - timedelta(seconds=1))
    assert job_tokens.recognised(made.secret, NOON + LASTS) is None
    assert made.secret not in str(JobToken.objects.values().get())
    given(issuer.token(NOON + 10 * LASTS), NOON + 10 * LASTS)
    assert JobToken.objects.count() == 1


def test_the_log_tells_which_job_was_given_one_and_by_which_claims(trust: Trust, issuer: Issuer) -> None:
    token = issuer.token(NOON)
    made = given(token)

    event = Event.objects.get(kind="trust.used")
    assert (event.actor_kind, event.actor) == ("TOKEN", "shop/storefront@refs/heads/main via storefront-ci")
    assert event.data["claims"]["repository"] == "shop/storefront" and event.data["run"] == "run 123"
    assert made.secret not in str(Event.objects.values()) and token not in str(Event.objects.values())


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"aud": "https://another.example.com"}, "No trust fits this ID token: aud is https://another.example.com."),
        ({"aud": ["a", "b"]}, "aud is a, b."),
        ({"repository": "evil/storefront"}, "repository is evil/storefront."),
        ({"repository": "Shop/storefront"}, "repository is Shop/storefront."),
        ({"ref": "refs/heads/main2"}, "ref is refs/heads/main2."),
        ({"ref": "refs/heads/main/evil"}, "ref is refs/heads/main/evil."),
        ({"ref": "refs/tags/main"}, "ref is refs/tags/main."),
        ({"environment": None}, "environment is missing."),
        ({"environment": None, "ref": "x"}, "ref is x and environment is missing."),
        ({"event_name": "pull_request_target"}, "event_name is pull_request_target. A stranger's pull request"),
    ],
)
def test_the_claim_that_does_not_fit_is_named(
    trust: Trust, issuer: Issuer, changes: dict[str, Any], sentence: str
) -> None:
    why = refused(issuer.token(NOON, **changes))

    assert why.why is Why.FITS_NO_TRUST and sentence in why.sentence
    assert "production" not in why.sentence and AUDIENCE not in why.sentence  # what would fit is not told
    assert not JobToken.objects.exists() and not UsedIdToken.objects.exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"exp": NOON - timedelta(seconds=61)}, "was good until 2026-07-21 11:58:59 UTC (exp), and it is"),
        (
            {"nbf": NOON + timedelta(minutes=5)},
            "(nbf), and it is 2026-07-21 12:00:00 UTC here: the clocks are 5 min apart",
        ),
        ({"iat": NOON + timedelta(seconds=61)}, "from 2026-07-21 12:01:01 UTC on (iat)"),
        ({"exp": None}, "does not say until when"),
        ({"exp": "tomorrow"}, "does not say until when"),
        ({"exp": 10**30}, "does not say until when"),
        ({"iat": True}, "iat is no time"),
    ],
)
def test_when_clocks_differ_both_times_are_said(
    trust: Trust, issuer: Issuer, changes: dict[str, Any], sentence: str
) -> None:
    sent = {name: int(at.timestamp()) if isinstance(at, datetime) else at for name, at in changes.items()}
    claims = issuer.claims(NOON, **sent)

    why = refused(signed(claims, rsa_key(), "one"))

    assert why.why is Why.NOT_IN_TIME and sentence in why.sentence.replace(f"{NOON:%Y-%m-%d}", "2026-07-21")


def test_a_minute_of_skew_is_borne(trust: Trust, issuer: Issuer) -> None:
    soon, late = NOON + timedelta(seconds=59), NOON - timedelta(seconds=59)

    assert given(issuer.token(NOON, iat=int(soon.timestamp()), nbf=int(soon.timestamp())))
    assert given(issuer.token(NOON, exp=int(late.timestamp())))


def test_an_id_token_is_good_once(trust: Trust, issuer: Issuer) -> None:
    named, nameless = issuer.token(NOON), issuer.token(NOON, jti=None)
    other_body_same_jti = issuer.token(NOON, jti="x", run_id="1"), issuer.token(NOON, jti="x", run_id="2")

    for first, again in ((named, named), (nameless, nameless), other_body_same_jti):
        given(first)
        assert refused(again).why is Why.USED_BEFORE

    assert JobToken.objects.count() == Event.objects.filter(kind="trust.used").count() == 3


def filled(token: str, issuer: Issuer) -> str:
    return f"{token}=="


def mirrored(token: str, issuer: Issuer) -> str:
    """Each ECDSA signature (r, s) has a second form, which takes no key: (r, n - s)."""
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    both = _bytes(token)
    other = both[:32] + (order - int.from_bytes(both[32:])).to_bytes(32)
    return f"{token.rpartition('.')[0]}.{base64.urlsafe_b64encode(other).decode().rstrip('=')}"


def _bytes(token: str) -> bytes:
    return base64.urlsafe_b64decode(token.rpartition(".")[2] + "==")


@pytest.mark.parametrize(("kid", "written"), [("one", filled), ("two", mirrored)])
def test_a_nameless_one_is_good_once_however_its_signature_is_written(
    trust: Trust, issuer: Issuer, kid: str, written: Any
) -> None:
    """Bitbucket's have no jti."""
    issuer.keys["two"] = ec.generate_private_key(ec.SECP256R1())
    issuer.publish()
    now = NOON + timedelta(minutes=2)
    token = issuer.token(now, kid=kid, jti=None)
    given(token, now)

    again = written(token, issuer)

    assert again != token
    assert refused(again, now).why is Why.USED_BEFORE


def test_times_at_the_ends_of_the_calendar_break_nothing(trust: Trust, issuer: Issuer) -> None:
    assert given(issuer.token(NOON, exp=253402300799))
    assert given(issuer.token(NOON, nbf=-62135596800, iat=-62135596800))


def test_a_job_that_goes_on_shows_its_id_token_again_with_what_it_was_given(trust: Trust, issuer: Issuer) -> None:
    """GitLab gives one for all of the job, good for as long as that may run."""
    hour, late = NOON + timedelta(hours=1), NOON + timedelta(minutes=16)
    token = issuer.token(NOON, exp=int(hour.timestamp()))
    other = given(issuer.token(NOON)).secret
    first = given(token).secret

    for before in ("", "nonsense", other):
        assert refused(token, before=before).why is Why.USED_BEFORE
    second = given(token, late, before=first).secret
    assert job_tokens.recognised(second, late) and not job_tokens.recognised(first, late)
    assert given(token, hour, before=second)
    assert refused(token, hour + timedelta(minutes=2), before=second).why is Why.NOT_IN_TIME


def test_with_a_trust_that_ended_nothing_is_renewed(trust: Trust, trusted: Trusted, issuer: Issuer) -> None:
    token = issuer.token(NOON)
    before = given(token).secret
    making.end(trust=trust, principal=Principal.person(trust.owner), now=NOON)
    trusted(name="second")

    assert refused(token, before=before).why is Why.USED_BEFORE


def test_it_is_remembered_until_it_could_not_be_sent_any_more(trust: Trust, issuer: Issuer) -> None:
    token = issuer.token(NOON)
    given(token)
    last = NOON + timedelta(minutes=5, seconds=59)

    given(issuer.token(last), last)
    assert refused(token, last).why is Why.USED_BEFORE
    given(issuer.token(last + timedelta(hours=1)), last + timedelta(hours=1))
    assert UsedIdToken.objects.count() == 1


def unsigned(issuer: Issuer) -> str:
    return jwt.encode(issuer.claims(NOON), "", "none", headers={"kid": "one"})


def by_the_public_key(issuer: Issuer) -> str:
    """HMAC with what everybody knows: PyJWT itself would refuse to make it."""
    header = {"alg": "HS256", "typ": "JWT", "kid": "one"}
    text = ".".join(_part(json.dumps(each).encode()) for each in (header, issuer.claims(NOON)))
    return f"{text}.{_part(hmac.new(pem(rsa_key()), text.encode(), hashlib.sha256).digest())}"


def by_a_key_of_its_own(issuer: Issuer) -> str:
    return signed(issuer.claims(NOON), rsa_key(1), "one")


def with_the_key_in_its_header(issuer: Issuer) -> str:
    headers = {"kid": "one", "jwk": jwk(rsa_key(1), "one"), "jku": "https://evil.example/keys"}
    return jwt.encode(issuer.claims(NOON), rsa_key(1), "RS256", headers=headers)


def of_another_issuer(issuer: Issuer) -> str:
    return signed(issuer.claims(NOON, iss="https://evil.example"), rsa_key(1), "one")


def with_a_slash_at_the_issuers_end(issuer: Issuer) -> str:
    return issuer.token(NOON, iss=f"{issuer.name}/")


def changed_since(issuer: Issuer) -> str:
    header, _, signature = issuer.token(NOON, repository="evil/x").split(".")
    return f"{header}.{_part(json.dumps(issuer.claims(NOON)).encode())}.{signature}"


def by_another_kind_of_key(issuer: Issuer) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    return jwt.encode(issuer.claims(NOON), key, "ES256", headers={"kid": "one"})


def huge(issuer: Issuer) -> str:
    return issuer.token(NOON, sub="x" * 20_000)


def deep(issuer: Issuer) -> str:
    header = _part(json.dumps({"alg": "RS256", "kid": "one"}).encode())
    return f"{header}.{_part(b'[' * 10_000)}.{_part(b'x' * 256)}"


def _part(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


@pytest.mark.parametrize(
    "trick",
    [
        unsigned, by_the_public_key, by_a_key_of_its_own, with_the_key_in_its_header, of_another_issuer, changed_since,
        with_a_slash_at_the_issuers_end, huge, deep, lambda issuer: "x", lambda issuer: "..", lambda issuer: "a.b.c",
        lambda issuer: "",
    ],
)  # fmt: skip
def test_whoever_cannot_prove_who_they_are_learns_nothing(trust: Trust, issuer: Issuer, trick: Any) -> None:
    before = issuer.asked

    why = refused(trick(issuer))

    assert (why.why, why.sentence) == (Why.NOT_PROVEN, refused("nonsense").sentence)
    assert issuer.asked == before


def test_a_key_is_only_used_for_its_own_kind_of_signature(trusted: Trusted, issuer: Issuer) -> None:
    """Also one that does not say for which."""
    issuer.answers(KEYS, {"keys": [{**jwk(rsa_key(), "one"), "alg": None}]})
    trusted()

    assert given(issuer.token(NOON))
    assert refused(by_another_kind_of_key(issuer)).why is Why.NO_KEYS


def test_a_key_of_another_issuer_is_no_key_of_this_one(
    trust: Trust, trusted: Trusted, issuer: Issuer, settings: Any
) -> None:
    with issuing("/other") as other:
        other.web.answers[f"/other{DISCOVERY}"] = other.web.answers[DISCOVERY]
        other.keys = {"two": rsa_key(1)}
        other.publish()
        other.web.answers[f"/other{DISCOVERY}"] = other.web.answers[DISCOVERY]
        settings.OIDC_PLAIN_ISSUERS += [other.name]
        trusted(name="other", issuer=other.name)

        assert refused(signed(issuer.claims(NOON), rsa_key(1), "two")).why is Why.NO_KEYS
        assert given(other.token(NOON, kid="two")).token.trust.name == "other"


def test_elliptic_curves_will_do(trusted: Trusted, issuer: Issuer) -> None:
    issuer.keys["two"] = ec.generate_private_key(ec.SECP256R1())
    issuer.publish()
    trusted()

    assert given(issuer.token(NOON, kid="two"))


def later(**time: float) -> datetime:
    return NOON + timedelta(**time)


def test_rotated_keys_are_read_once_and_not_for_every_stranger(trust: Trust, issuer: Issuer) -> None:
    issuer.keys = {"two": rsa_key(1)}
    issuer.publish()
    now = later(minutes=5)

    assert given(issuer.token(now, kid="two"), now)
    asked = issuer.asked
    for kid in ("three", "four", "five"):
        why = refused(signed(issuer.claims(now), rsa_key(2), kid), now)
        assert (why.why, why.seconds) == (Why.NO_KEYS, 60)
    assert issuer.asked == asked == 2
    # The old one is gone with the rotation.
    assert refused(signed(issuer.claims(now), rsa_key(), "one"), now).why is Why.NO_KEYS


def test_while_another_process_asks_for_the_keys_one_comes_back_soon(trust: Trust, issuer: Issuer) -> None:
    IssuerKeys.objects.update(asked_at=later(minutes=5))

    token = signed(issuer.claims(later(minutes=5)), rsa_key(1), "two")

    assert refused(token, later(minutes=5, seconds=3)).seconds == 2
    assert refused(token, later(minutes=5, seconds=20)).seconds == 40


def test_an_unknown_key_is_refused_for_good_once_the_issuer_was_asked(trust: Trust, issuer: Issuer) -> None:
    now = later(minutes=5)

    assert refused(signed(issuer.claims(now), rsa_key(2), "three"), now).why is Why.NOT_PROVEN


def test_a_key_that_was_withdrawn_is_no_good_after_an_hour(trust: Trust, issuer: Issuer) -> None:
    issuer.keys["two"] = rsa_key(1)
    withdrawn = issuer.keys.pop("one")
    issuer.publish()
    soon, after = later(minutes=59), later(minutes=61)

    assert given(signed(issuer.claims(soon), withdrawn, "one"), soon)
    assert refused(signed(issuer.claims(after), withdrawn, "one"), after).why is Why.NOT_PROVEN


def test_while_the_issuer_is_down_its_last_keys_are_good_for_a_day(trust: Trust, issuer: Issuer) -> None:
    issuer.answers(DISCOVERY, {}, 503)
    now, too_late = later(hours=23), later(hours=25)

    assert given(issuer.token(now), now) and given(issuer.token(now), now)
    assert "answered HTTP 503" in IssuerKeys.objects.get().trouble
    why = refused(issuer.token(too_late), too_late)
    assert (why.why, why.seconds) == (Why.NO_KEYS, 60)
    assert "127.0.0.1" not in why.sentence


def test_an_issuer_that_hangs_while_it_is_asked_again_keeps_nobody_out(
    trust: Trust, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deployments.identity.issuers.SECONDS", 0.2)
    issuer.hangs(KEYS)

    assert given(issuer.token(later(hours=2)), later(hours=2))


def test_of_several_that_fit_one_is_named(trust: Trust, trusted: Trusted, issuer: Issuer) -> None:
    trusted(name="all-branches", claims={"repository": "shop/storefront"})
    token = issuer.token(NOON)

    why = refused(token)

    assert why.why is Why.FITS_SEVERAL
    assert "Several trusts fit: storefront-ci and all-branches." in why.sentence
    assert given(token, trust="all-branches").token.trust.name == "all-branches"
    assert "There is no trust of this name" in refused(token, trust="nonsense").sentence
    elsewhere = refused(issuer.token(NOON, ref="refs/heads/x"), trust="storefront-ci").sentence
    assert elsewhere.startswith("The trust does not fit this ID token: ref is refs/heads/x.")


def test_with_its_trust_a_token_ends_at_once(trust: Trust, issuer: Issuer) -> None:
    made = given(issuer.token(NOON))

    making.end(trust=trust, principal=Principal.person(trust.owner), now=NOON)

    assert job_tokens.recognised(made.secret, NOON) is None
    assert refused(issuer.token(NOON)).why is Why.NOT_PROVEN


def test_with_who_answers_for_it_a_trust_ends(trust: Trust, issuer: Issuer) -> None:
    made = given(issuer.token(NOON))

    trust.owner.is_active = False
    trust.owner.save()

    assert job_tokens.recognised(made.secret, NOON) is None
    assert "Nobody answers for the trust storefront-ci" in refused(issuer.token(NOON)).sentence


def test_claims_of_all_shapes_break_nothing(trust: Trust, issuer: Issuer) -> None:
    values: list[Any] = [{}, [], [[1]], 1.5, -(10**40), True, "\0", "\u202e", "😀", None]
    names = ("repository", "sub", "run_id", "jti", "aud", "event_name")
    shapes = [dict.fromkeys(names, value) for value in values]
    for shape in shapes:
        assert refused(issuer.token(NOON, **shape)).why is Why.FITS_NO_TRUST
