"""Tokens: made and shown once, known by their hash, ended by a click.

What is kept cannot be turned into a token again. 40 random characters need no slow hash, and a lookup by it takes
the same time for every wrong one.
"""

import hashlib
import secrets
import string
import zlib
from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from deployments.catalog.models import Environment, Token
from deployments.catalog.models.token import LONGEST_NAME
from deployments.catalog.naming import own_name
from deployments.people import rights
from deployments.people.principal import Principal
from deployments.people.scopes import SCOPES, rights_of
from deployments.people.token_words import TokenKind
from deployments.prepared import Prepared
from deployments.record import constraints
from deployments.record.append import PEOPLE, append_event
from deployments.refused import Refused
from deployments.vocabulary import ActorKind
from deployments.words import joined

#: What scanners for secrets look for: this, 40 letters and digits, and six more that check them.
PREFIX = "tealgate_"
_ALPHABET = string.digits + string.ascii_letters
_RANDOM, _CHECK = 40, 6
DEFAULT_DAYS, MOST_DAYS = 90, 366
#: For so long a person sees at which terminals they were signed in; the log knows for ever.
FORGOTTEN = timedelta(days=30)
#: A row is not written for each request.
USED_EVERY = timedelta(minutes=1)


def make(
    *,
    name: str,
    scopes: Collection[str],
    environments: Collection[Environment],
    principal: Principal,
    now: datetime,
    days: int = DEFAULT_DAYS,
    for_agent: bool = False,
) -> tuple[Token, str]:
    """And the token itself, which is kept nowhere. `environments`: the only ones that it is for; none for all.
    `for_agent`: whether an agent asks by it, which everything that tells of it says then.

    Raises Refused: no right, no name, one that is taken or reads as another's, an unknown scope or none, a scope that
    gives what its maker may not do, more than MOST_DAYS.
    """
    owner = principal.user
    if (refusal := rights.token_refusal(principal)) or owner is None:
        raise Refused(refusal)
    name = own_name(name, most=LONGEST_NAME)
    require_given(scopes, principal)
    if not 1 <= days <= MOST_DAYS:
        raise Refused(f"A token is good for 1 to {MOST_DAYS} days.", field="days")
    secret = new_secret()
    token = Token(
        name=name,
        owner=owner,
        kind=TokenKind.AGENT if for_agent else TokenKind.MACHINE,
        scopes=sorted(scopes),
        is_for_some=bool(environments),
        digest=digest_of(secret),
        hint=secret[-4:],
        made_at=now,
        expires_at=now + timedelta(days=days),
    )
    try:
        with transaction.atomic():
            token.save()
            token.environments.set(environments)
            append_event(
                PEOPLE, "token.made", f"Token {name} made by {principal}{', for an agent' if for_agent else ''}",
                now=now, principal=principal,
                data={"kind": token.kind, "scopes": token.scopes,
                      "environments": sorted(str(each) for each in environments),
                      "expires": token.expires_at.isoformat()},
            )  # fmt: skip
    except IntegrityError as error:
        if not constraints.violated(error, Token, "token_unique_name"):
            raise
        raise Refused(f"There is, or was, a token {name}; call it otherwise.", field="name") from error
    return token, secret


def make_for_person(*, person: User, client: str, address: str, session_hash: str, now: datetime) -> tuple[Token, str]:
    """By which a terminal acts as them, until their password or account changes. Its last letters tell it by name."""
    Token.objects.filter(owner=person, kind=TokenKind.PERSON, expires_at__lt=now - FORGOTTEN).delete()
    secret = new_secret()
    token = Token(
        name=f"{client} ({secret[-4:]})",
        owner=person,
        kind=TokenKind.PERSON,
        session_hash=session_hash,
        digest=digest_of(secret),
        hint=secret[-4:],
        made_at=now,
        expires_at=now + timedelta(hours=settings.TERMINAL_HOURS),
    )
    if Token.objects.filter(name=token.name).exists():
        return make_for_person(person=person, client=client, address=address, session_hash=session_hash, now=now)
    with transaction.atomic():
        token.save()
        append_event(
            PEOPLE, "token.made", f"Token {token} made for a terminal of {person.get_username()}",
            now=now, principal=Principal.person(person),
            data={"kind": token.kind, "address": address, "expires": token.expires_at.isoformat()},
        )  # fmt: skip
    return token, secret


def has_session(person: User, session_hash: str) -> bool:
    """Whether somebody who signed in then still would be: active, and with the same password."""
    good = (person.get_session_auth_hash(), *person.get_session_auth_fallback_hash())
    same = any(secrets.compare_digest(session_hash, each) for each in good)
    return same and person.is_active and person.is_staff


def by_name(name: str) -> Token:
    """Of each there is one. Raises Token.DoesNotExist."""
    return Token.objects.select_related("owner").get(name=name)


def revoke(*, token: Token, principal: Principal, now: datetime) -> None:
    """From now on it opens nothing. Raises Refused without the right, or when it was revoked before."""
    if refusal := rights.revoke_refusal(principal, token.owner):
        raise Refused(refusal)
    with transaction.atomic():
        if not Token.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=now):
            raise Refused(f"The token {token} was revoked before.")
        append_event(
            PEOPLE, "token.revoked", f"Token {token} revoked by {principal}", now=now, principal=principal
        )  # fmt: skip


_SHOWN = Prepared(lambda digest: Token.objects.select_related("owner").filter(digest=digest))
_PLACES = Prepared(
    lambda token: Token.environments.through.objects.filter(token=token).values_list("environment", flat=True)
)


def recognised(secret: str, now: datetime) -> Principal | None:
    """Whose it is, with what it may; None for one that is unknown, revoked or over, or whose owner is gone."""
    if not is_one(secret):
        return None
    token = _SHOWN.first(digest=digest_of(secret))
    if token is None or not token.is_good(now) or not token.owner.is_active:
        return None
    if token.is_of_person and not has_session(token.owner, token.session_hash):
        return None
    if token.last_used_at is None or token.last_used_at < now - USED_EVERY:
        Token.objects.filter(pk=token.pk).update(last_used_at=now)
    if token.is_of_person:
        return Principal.person(token.owner, through=token.name)
    keys = frozenset(_PLACES(token=token.pk)) if token.is_for_some else None
    return Principal(
        ActorKind.TOKEN, token.name, owner=token.owner, rights=rights_of(token.scopes), environments=keys,
        is_agent=token.kind == TokenKind.AGENT,
    )  # fmt: skip


def require_given(scopes: Collection[str], principal: Principal) -> None:
    """Raises Refused: none, an unknown one, or one that gives what this person may not do."""
    if not scopes:
        raise Refused("Choose what it may do.", field="scopes")
    if unknown := sorted(set(scopes) - set(SCOPES)):
        raise Refused(f"There is no scope {joined(unknown, 'or')}; there are: {joined(list(SCOPES))}.", field="scopes")
    lacking = [name for name in sorted(scopes) if not all(principal.may(right) for right in SCOPES[name].rights)]
    if lacking:
        raise Refused(
            f"You cannot give away what you do not have: {joined(lacking)}. Leave it out, or let somebody make the "
            "token who has that right.",
            field="scopes",
        )


def new_secret() -> str:
    """A token that nobody has yet."""
    body = "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM))
    return f"{PREFIX}{body}{_check(body)}"


def is_one(secret: str) -> bool:
    """What a mistyped or foreign one fails without a question to the database."""
    body, check = secret[len(PREFIX) : -_CHECK], secret[-_CHECK:]
    right_form = secret.startswith(PREFIX) and secret.isascii() and len(body) == _RANDOM
    return right_form and secrets.compare_digest(check, _check(body))


def _check(body: str) -> str:
    number, letters = zlib.crc32(body.encode()), ""
    for _ in range(_CHECK):
        number, digit = divmod(number, len(_ALPHABET))
        letters = _ALPHABET[digit] + letters
    return letters


def digest_of(secret: str) -> str:
    """What is kept of it."""
    return hashlib.sha256(secret.encode()).hexdigest()
