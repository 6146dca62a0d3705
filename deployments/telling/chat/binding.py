"""Whose an account of a chat is: its person says so on the page, signed in, by a link that the chat showed.

The link says which account, sealed against changes, for ten minutes. It gives no right: whoever opens it signs in and
is asked whether the account is theirs. An account acts as one person; a person may have several.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core import signing
from django.db import IntegrityError, transaction

from deployments.people import chat_rights
from deployments.people.principal import SYSTEM, Principal
from deployments.record import constraints
from deployments.record.append import PEOPLE, append_event
from deployments.refused import Refused
from deployments.telling.chat.models import ChatAccount, ChatWorkspace
from deployments.texts import printable

GOOD_FOR = timedelta(minutes=10)
PAGE = "/chat-accounts/"
_SALT = "deployments.chat.binding"
_LONGEST = 100


@dataclass(frozen=True)
class Asked:
    """An account that wants to act as whoever opens the link."""

    workspace: ChatWorkspace
    account: str
    #: as the chat calls it, which whoever has it may choose
    shown: str


def link(asked: Asked, now: datetime) -> str:
    """A whole address."""
    ends = int((now + GOOD_FOR).timestamp())
    code = signing.dumps([asked.workspace.pk, asked.account, printable(asked.shown)[:_LONGEST], ends], salt=_SALT)
    return f"{settings.SITE_URL.rstrip('/')}{PAGE}?code={code}"


def read(code: str, now: datetime) -> Asked:
    """Raises Refused: changed on its way, too old, or of a workspace that is not believed any more."""
    try:
        pk, account, shown, ends = signing.loads(code, salt=_SALT)
    except (signing.BadSignature, ValueError) as error:
        raise Refused("This link is not whole. Press the button in the chat again and open the new one.") from error
    if now >= datetime.fromtimestamp(ends, UTC):
        raise Refused("This link was good for ten minutes. Press the button in the chat again and open the new one.")
    workspace = ChatWorkspace.objects.filter(pk=pk, is_on=True).first()
    if workspace is None:
        raise Refused("Nothing from that workspace is listened to any more; ask an administrator.")
    return Asked(workspace, account, shown)


def bind(*, asked: Asked, principal: Principal, now: datetime) -> ChatAccount:
    """Raises Refused: not signed in on the page, or it is somebody's already."""
    if refusal := chat_rights.bind_refusal(principal):
        raise Refused(refusal)
    row = ChatAccount(
        workspace=asked.workspace, account=asked.account, shown=asked.shown, person=principal.user, bound_at=now
    )
    try:
        with transaction.atomic():
            row.save()
            said = _data(row)
            append_event(PEOPLE, "chat.bound", f"{row} acts as {principal}", now=now, principal=principal, data=said)
    except IntegrityError as error:
        if not constraints.violated(error, ChatAccount, "chat_account_one_person"):
            raise
        raise Refused("This account is bound already. Whoever it acts as has to unbind it first.") from error
    return row


def unbind(*, account: ChatAccount, principal: Principal, now: datetime) -> None:
    """It acts as nobody any more. Raises Refused for somebody else's without the right to."""
    if refusal := chat_rights.unbind_refusal(principal, account.person):
        raise Refused(refusal)
    _unbound(account, f"{account} does not act as {account.person.get_username()} any more", principal, now)


def unbind_all(*, person: User, principal: Principal, now: datetime) -> None:
    """Of somebody who is not active any more: made active again, they say again which are theirs."""
    for account in ChatAccount.objects.filter(person=person).select_related("workspace", "person"):
        why = f"{account} does not act as {person.get_username()} any more, whose account is not active"
        _unbound(account, why, principal, now)


def acting(workspace: ChatWorkspace, account: str, now: datetime) -> ChatAccount | None:
    """Whom it acts as; None for an account of nobody, or of somebody who is not active any more."""
    rows = ChatAccount.objects.select_related("workspace", "person")
    found = rows.filter(workspace=workspace, account=account).first()
    if found and not found.person.is_active:
        unbind_all(person=found.person, principal=SYSTEM, now=now)
        return None
    if found:
        ChatAccount.objects.filter(pk=found.pk).update(used_at=now)
    return found


def _unbound(account: ChatAccount, sentence: str, principal: Principal, now: datetime) -> None:
    with transaction.atomic():
        if ChatAccount.objects.filter(pk=account.pk).delete()[0]:
            append_event(PEOPLE, "chat.unbound", sentence, now=now, principal=principal, data=_data(account))


def _data(account: ChatAccount) -> dict[str, Any]:
    return {"account": account.account, "workspace": str(account.workspace), "bound_to": account.person.pk}
