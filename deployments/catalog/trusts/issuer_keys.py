"""Issuers' keys: read when they are needed, kept for all processes, and never asked for as often as strangers like.

They are read again after an hour, and at once when a token names a key that is not among them, but no issuer is asked
more than once a minute. While it does not answer, the keys of the last day go on being good.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Q

from deployments import logs
from deployments.catalog.models import IssuerKeys
from deployments.identity import issuers, signature
from deployments.identity.envelope import Envelope
from deployments.identity.errors import IssuerError
from deployments.identity.signature import Key
from deployments.outbound.fetching import is_loopback

log = logs.get(__name__)

FRESH = timedelta(hours=1)
KEPT = timedelta(hours=24)
PAUSE = timedelta(minutes=1)
#: While another process asks just now: two requests, and when to look whether that was answered.
_ANSWERS_IN, _SOON = timedelta(seconds=2 * issuers.SECONDS), 2


class NoKeys(Exception):
    """There are no keys to check it by, and the issuer is not asked before so many seconds."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"No keys for {seconds} s.")
        self.seconds = seconds


def keys(envelope: Envelope, now: datetime, *, document_url: str = "") -> Sequence[Key]:
    """Of an issuer that somebody trusts. Raises NoKeys. Its key may still not be among them.

    `document_url`: where its document is, for an issuer whose name does not say so. What it says is kept by that.
    """
    row = IssuerKeys.objects.get_or_create(issuer=document_url or envelope.issuer)[0]
    known = row.keys if row.fetched_at and row.fetched_at > now - KEPT else []
    has_it = bool(signature.named(envelope, known))
    if has_it and row.fetched_at and row.fetched_at > now - FRESH:
        return known
    if not _may_ask(row, now):
        if has_it:
            return known
        raise NoKeys(_left(row, now))
    try:
        return read_now(envelope.issuer, now, document_url=document_url)
    except IssuerError as error:
        log.warning("an issuer's keys cannot be read", issuer=envelope.issuer, reason=str(error))
        if has_it:
            return known
        raise NoKeys(round(PAUSE.total_seconds())) from error


def read_now(issuer: str, now: datetime, *, document_url: str = "") -> Sequence[Key]:
    """Asks the issuer, and keeps what it says. Raises IssuerError; what was known before stays."""
    name = document_url or issuer
    try:
        found = _asked(issuer, document_url)
    except IssuerError as error:
        IssuerKeys.objects.filter(issuer=name).update(asked_at=now, trouble=str(error))
        raise
    IssuerKeys.objects.update_or_create(
        issuer=name, defaults={"keys": found, "fetched_at": now, "asked_at": now, "trouble": ""}
    )  # fmt: skip
    return found


def _asked(issuer: str, document_url: str) -> list[Key]:
    """Raises IssuerError. Without TLS only an issuer that a setting names, or one on this machine."""
    if document_url:
        return issuers.keys_at(document_url, issuer, plain=is_loopback(urlsplit(document_url).hostname or ""))
    return issuers.keys_of(issuer, plain=issuer in settings.OIDC_PLAIN_ISSUERS)


def _may_ask(row: IssuerKeys, now: datetime) -> bool:
    """One of all processes may, once in a while."""
    due = Q(asked_at__isnull=True) | Q(asked_at__lte=now - PAUSE)
    return bool(IssuerKeys.objects.filter(due, pk=row.pk).update(asked_at=now))


def _left(row: IssuerKeys, now: datetime) -> int:
    row.refresh_from_db()
    asked_at = row.asked_at or now
    if not row.trouble and asked_at > now - _ANSWERS_IN and (row.fetched_at is None or row.fetched_at < asked_at):
        return _SOON
    return max(1, min(60, round((asked_at + PAUSE - now).total_seconds())))
