"""A job shows its ID token and is given one of ours, for a quarter of an hour.

Whoever cannot prove who they are learns nothing. Who can is told which of their own claims did not fit, but not what
would have: at issuers that serve everybody, anybody can prove to be somebody.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any

from django.db import IntegrityError, transaction

from deployments import logs
from deployments.catalog import tokens
from deployments.catalog.models import JobToken, Trust, UsedIdToken
from deployments.catalog.models.trust import LONGEST_ACTOR
from deployments.catalog.trusts import judging
from deployments.catalog.trusts.issuer_keys import NoKeys
from deployments.catalog.trusts.judging import Judged
from deployments.identity import jobs, times
from deployments.identity.errors import Unsigned
from deployments.people.principal import Principal
from deployments.record.append import PEOPLE, append_event
from deployments.vocabulary import ActorKind
from deployments.words import joined

log = logs.get(__name__)

LASTS = timedelta(minutes=15)
#: Over for so long, it still says that the same job asks again.
KEPT = timedelta(hours=1)


class Why(Enum):
    NOT_PROVEN = auto()
    NOT_IN_TIME = auto()
    USED_BEFORE = auto()
    FITS_NO_TRUST = auto()
    FITS_SEVERAL = auto()
    NO_KEYS = auto()


class NotGiven(Exception):
    """`sentence` is for whoever sent it; `seconds`: when to send it again, 0 for never."""

    def __init__(self, why: Why, sentence: str, *, seconds: int = 0) -> None:
        super().__init__(sentence)
        self.why, self.sentence, self.seconds = why, sentence, seconds


@dataclass(frozen=True, kw_only=True)
class Given:
    #: shown now and kept nowhere
    secret: str
    token: JobToken


def exchange(*, id_token: str, now: datetime, trust: str = "", before: str = "") -> Given:
    """`trust`: the name of the one that is meant, where several fit.

    `before`: a token that was given for this ID token. Whoever has both is the same job, which may wait for longer than
    a token lasts and has no other ID token to show. Raises NotGiven.
    """
    claims, trusts = _proven(id_token, now)
    if sentence := times.trouble(claims, now):
        raise NotGiven(Why.NOT_IN_TIME, sentence)
    found = _fitting(judging.judged(trusts, claims), trust)
    if not found.trust.owner.is_active:
        sentence = f"Nobody answers for the trust {found.trust} any more; let somebody else make a new one."
        raise NotGiven(Why.FITS_NO_TRUST, sentence)
    return _given(found, claims, _name_of(id_token, claims, found.trust.issuer), before, now)


def _proven(id_token: str, now: datetime) -> tuple[Mapping[str, Any], list[Trust]]:
    try:
        return judging.proven(id_token, now)
    except Unsigned as error:
        log.warning("an ID token was not believed", reason=str(error))
        sentence = (
            "This ID token is not believed here. The page CI trust shows which issuers are; try it there to be told "
            "what is wrong with it."
        )
        raise NotGiven(Why.NOT_PROVEN, sentence) from error
    except NoKeys as error:
        sentence = f"There is no key to check this ID token by just now. Send it again in {error.seconds} s."
        raise NotGiven(Why.NO_KEYS, sentence, seconds=error.seconds) from error


def _fitting(found: Sequence[Judged], name: str) -> Judged:
    """The one that fits. A union is never taken: what a job may do is what one trust says."""
    asked = [each for each in found if each.trust.name == name] if name else found
    fitting = [each for each in asked if each.fits]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        names = joined([str(each.trust) for each in fitting])
        sentence = f'Several trusts fit: {names}. Say which one is meant, such as "trust": "{fitting[0].trust}".'
        raise NotGiven(Why.FITS_SEVERAL, sentence)
    if not asked:
        sentence = (
            "There is no trust of this name for the ID token's issuer. The page CI trust lists those that there are."
        )
        raise NotGiven(Why.FITS_NO_TRUST, sentence)
    misfits = asked[0].misfits
    sent = joined([each.sent for each in misfits])
    hints = "".join(f" {each.hint}" for each in misfits if each.name == "event_name" and not each.wanted)
    whom = "The trust does not fit" if name else "No trust fits"
    sentence = f"{whom} this ID token: {sent}.{hints} The page CI trust says what has to be there."
    log.warning("an ID token fits no trust", issuer=asked[0].trust.issuer, reason=sent)
    raise NotGiven(Why.FITS_NO_TRUST, sentence)


def _given(found: Judged, claims: Mapping[str, Any], used: str, before: str, now: datetime) -> Given:
    trust, secret = found.trust, tokens.new_secret()
    job = jobs.job(trust.issuer, claims)
    token = JobToken(
        trust=trust,
        digest=tokens.digest_of(secret),
        given_for=used,
        name=jobs.name(job.subject, trust.name, most=LONGEST_ACTOR),
        run=job.run,
        run_url=job.url,
        made_at=now,
        expires_at=now + LASTS,
    )
    with transaction.atomic():
        _use_up(used, claims, _is_the_same_job(before, used, trust), now)
        token.save()
        Trust.objects.filter(pk=trust.pk).update(last_used_at=now)
        append_event(
            PEOPLE, "trust.used", f"{token.name} was given a token until {token.expires_at:%H:%M} UTC", now=now,
            principal=Principal(ActorKind.TOKEN, token.name),
            data={"trust": trust.name, "claims": {each.name: each.seen for each in found.compared},
                  "run": job.run, "run_url": job.url},
        )  # fmt: skip
        JobToken.objects.filter(expires_at__lt=now - KEPT).delete()
    return Given(secret=secret, token=token)


def _name_of(id_token: str, claims: Mapping[str, Any], issuer: str) -> str:
    """By which it is known again: its own name where it has one, else what was signed.

    Not its signature, which others can write otherwise: with = at its end, or in the second form that each of ES256
    has.
    """
    named = claims.get("jti")
    one = f"{issuer}\0{named}" if isinstance(named, str) and named else id_token.rpartition(".")[0]
    return hashlib.sha256(one.encode()).hexdigest()


def _is_the_same_job(before: str, used: str, trust: Trust) -> bool:
    return bool(before) and trust.tokens.filter(digest=tokens.digest_of(before), given_for=used).exists()


def _use_up(used: str, claims: Mapping[str, Any], again: bool, now: datetime) -> None:
    """It is kept for as long as it could be sent again. Raises NotGiven the second time."""
    UsedIdToken.objects.filter(until__lt=now).delete()
    ends = times.moment(claims.get("exp")) or now
    try:
        with transaction.atomic():
            UsedIdToken.objects.create(digest=used, until=times.later(ends, 2 * times.LEEWAY))
    except IntegrityError as error:
        if again:
            return
        sentence = (
            "This ID token was exchanged before, and is good once. Ask the CI for a new one, or send with it the token "
            "that was given for it; if nobody of yours exchanged it, somebody has seen it."
        )
        raise NotGiven(Why.USED_BEFORE, sentence) from error
