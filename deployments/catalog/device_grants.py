"""Signing in at a terminal (RFC 8628): the client shows a code, a person types it on a page and says yes or no.

Neither code is kept: of the client's there is a hash, of the person's, which is short enough to be tried out, a keyed
one. A yes is fetched once, within the ten minutes; the token that comes of it is made in that moment and kept nowhere.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac

from deployments.catalog import tokens
from deployments.catalog.models import DeviceGrant, Token
from deployments.catalog.models.device_grant import LONGEST_CLIENT
from deployments.people.principal import Principal
from deployments.people.token_words import GrantError, GrantStatus
from deployments.record import constraints
from deployments.record.append import PEOPLE, append_event
from deployments.refused import Refused

GOOD_FOR = timedelta(minutes=10)
#: Seconds between two questions of a client; RFC 8628 adds so many whenever one asks too soon.
INTERVAL, SLOWER, SLOWEST = 5, 5, 60
#: What the way takes and clocks round off is no hurry.
_EARLY = timedelta(seconds=1)
#: So many wait at most, whoever asks.
MOST_WAITING = 1_000
_KEPT = timedelta(days=1)
#: Without vowels, so that no words come of it, and all told apart by eye.
LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
#: A name that nothing can be hidden in or turned around by.
_CLIENT = re.compile(rf"[A-Za-z0-9][A-Za-z0-9 ._@'-]{{0,{LONGEST_CLIENT - 1}}}")


class NotYet(Exception):
    """There is no token for this code, or none yet."""

    def __init__(self, error: GrantError, sentence: str) -> None:
        super().__init__(sentence)
        self.error = error
        self.sentence = sentence


@dataclass(frozen=True)
class Codes:
    device: str
    #: as people type it
    user: str


def ask(*, client: str, address: str, now: datetime) -> Codes:
    """Raises Refused: no name that people could read, or too many who wait."""
    client = client.strip()
    if not _CLIENT.fullmatch(client):
        raise Refused(
            f"Say what signs in, such as “tealgate on maya-laptop”: at most {LONGEST_CLIENT} letters, digits, blanks "
            "and . _ - @ '.",
            field="client",
        )
    DeviceGrant.objects.filter(asked_at__lt=now - _KEPT).delete()
    young = DeviceGrant.objects.filter(asked_at__gt=now - GOOD_FOR)  # by an index, of a table that a flood fills
    if young.filter(status=GrantStatus.PENDING).count() >= MOST_WAITING:
        raise Refused("Too many terminals wait to be signed in; try again in ten minutes.")
    while True:
        codes = Codes(secrets.token_urlsafe(32), _user_code())
        grant = DeviceGrant(
            device_digest=_device_digest(codes.device), user_digest=_user_digest(codes.user), client=client,
            address=address[:64], asked_at=now, expires_at=now + GOOD_FOR, interval=INTERVAL,
        )  # fmt: skip
        try:
            with transaction.atomic():
                grant.save()
        except IntegrityError as error:
            if not constraints.violated(error, DeviceGrant, "device_grant_one_a_code"):
                raise
        else:
            return codes


def waiting(user_code: str, now: datetime) -> DeviceGrant | None:
    """The one that shows this code, however it was typed; None when none does, or not any more."""
    letters = "".join(letter for letter in user_code.upper() if letter in LETTERS)
    rows = DeviceGrant.objects.filter(status=GrantStatus.PENDING, expires_at__gt=now)
    return rows.filter(user_digest=_user_digest(letters)).first()


def allow(*, grant: DeviceGrant, principal: Principal, now: datetime) -> None:
    """It may fetch a token by which it acts as this person. Raises Refused: not signed in, or decided or over since."""
    _decide(grant, principal, GrantStatus.ALLOWED, now)


def deny(*, grant: DeviceGrant, principal: Principal, now: datetime) -> None:
    """Raises Refused as `allow` does."""
    _decide(grant, principal, GrantStatus.DENIED, now)


def fetch(*, device_code: str, now: datetime) -> tuple[Token, str]:
    """The token, once, and never again. Raises NotYet."""
    grant = DeviceGrant.objects.select_related("person").filter(device_digest=_device_digest(device_code)).first()
    if grant is None or grant.status == GrantStatus.USED:
        raise NotYet(GrantError.INVALID_GRANT, "No such sign-in waits, or its token was fetched. Begin again.")
    if grant.status == GrantStatus.DENIED:
        raise NotYet(GrantError.ACCESS_DENIED, f"{grant.person} denied it on the page.")
    if grant.has_expired(now):
        raise NotYet(GrantError.EXPIRED_TOKEN, "Nobody allowed it within ten minutes. Begin again.")
    if grant.status == GrantStatus.PENDING:
        raise _pending(grant, now)
    return _made(grant, now)


def _decide(grant: DeviceGrant, principal: Principal, status: GrantStatus, now: datetime) -> None:
    person = principal.user
    if person is None or principal.through:
        raise Refused("Sign in on the page to answer a terminal.")
    allowed = status is GrantStatus.ALLOWED
    values = {"status": status, "person": person, "decided_at": now}
    values["session_hash"] = person.get_session_auth_hash() if allowed else ""
    with transaction.atomic():
        rows = DeviceGrant.objects.filter(pk=grant.pk, status=GrantStatus.PENDING, expires_at__gt=now)
        if not rows.update(**values):
            raise Refused("That code was answered before, or is over. Begin again at the terminal.")
        append_event(
            PEOPLE, "token.allowed" if allowed else "token.denied",
            f"{principal} {'lets' if allowed else 'does not let'} “{grant.client}”, asking from {grant.address}, act "
            "as them",
            now=now, principal=principal, data={"client": grant.client, "address": grant.address},
        )  # fmt: skip


def _pending(grant: DeviceGrant, now: datetime) -> NotYet:
    """Whoever asks sooner than agreed is slowed down, from the second question on."""
    soon = grant.polled_at is not None and now < grant.polled_at + timedelta(seconds=grant.interval) - _EARLY
    interval = min(grant.interval + SLOWER, SLOWEST) if soon else grant.interval
    DeviceGrant.objects.filter(pk=grant.pk).update(polled_at=now, interval=interval)
    if soon:
        return NotYet(GrantError.SLOW_DOWN, f"Ask every {interval} seconds.")
    return NotYet(GrantError.AUTHORIZATION_PENDING, "Nobody answered on the page yet. Ask again.")


def _made(grant: DeviceGrant, now: datetime) -> tuple[Token, str]:
    with transaction.atomic():
        # First, so that of two who ask at once one waits here, and is told that it was fetched.
        if not DeviceGrant.objects.filter(pk=grant.pk, status=GrantStatus.ALLOWED).update(status=GrantStatus.USED):
            raise NotYet(GrantError.INVALID_GRANT, "Its token was fetched just now. Begin again.")
        person = grant.person  # who allowed it, read anew just now
        if person is None or not tokens.has_session(person, grant.session_hash):
            raise NotYet(
                GrantError.ACCESS_DENIED, f"The account of {person} changed since it was allowed. Begin again."
            )
        return tokens.make_for_person(
            person=person, client=grant.client, address=grant.address, session_hash=grant.session_hash, now=now
        )


def _user_code() -> str:
    letters = "".join(secrets.choice(LETTERS) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"


def _device_digest(code: str) -> str:
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()


def _user_digest(code: str) -> str:
    return salted_hmac("deployments.device_grants", code.replace("-", ""), algorithm="sha256").hexdigest()
