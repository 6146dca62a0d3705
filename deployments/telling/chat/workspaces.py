"""What people set up: the workspaces that are believed. The log has it all but the secrets."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from django.db import transaction

from deployments.outbound.fetching import is_loopback
from deployments.people import chat_rights
from deployments.people.principal import Principal
from deployments.record.append import Chain, append_event
from deployments.refused import Refused
from deployments.sealed import Unreadable
from deployments.telling.chat.models import ChatWorkspace
from deployments.words import joined

#: Workspaces belong to no environment.
CHATS: Final = Chain("chats")
SECRETS = ("secret", "bot_token")
Values = Mapping[str, Any]


def values_of(workspace: ChatWorkspace) -> dict[str, Any]:
    """Without its secrets."""
    return {name: getattr(workspace, name) for name in ("name", "kind", "place", "app_id", "api_url", "is_on")}


def wrong_api(workspace: ChatWorkspace, before: Values | None, api_url: str, bot_token: str) -> str:
    """Why its bot does not speak there; "" when it does. `bot_token`: as given anew, "" to keep the one there is.

    A token goes where it was given for, and not to an address that somebody writes in later.
    """
    parts = urlsplit(api_url)
    if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
        return "Give it https://: the bot's token goes there."
    if before and before["api_url"] != api_url and not bot_token and _has_token(workspace):
        return "Give the bot token again with another address: the one that is kept was given for the one before."
    return ""


def _has_token(workspace: ChatWorkspace) -> bool:
    try:
        return bool(workspace.bot_token)
    except Unreadable:  # whoever finds its key again sends it there
        return True


def require(principal: Principal, verb: str) -> None:
    """`verb`: add, change or delete. Raises Refused."""
    if refusal := chat_rights.workspace_refusal(principal, verb):
        raise Refused(refusal)


def saved(
    *, workspace: ChatWorkspace, before: Values | None, secrets: Collection[str], principal: Principal, now: datetime
) -> None:
    """After it was saved: tell the log. `before`: None for a new one; `secrets`: the names of those given anew.

    Raises Refused without the right.
    """
    require(principal, "change" if before else "add")
    values = values_of(workspace)
    said: dict[str, Any] = {"now": now, "principal": principal}
    if before is None:
        append_event(CHATS, "chat.added", f"Chat workspace {workspace} added", data={"values": values}, **said)
        return
    changed = {
        name: {"before": before[name], "after": value} for name, value in values.items() if before[name] != value
    }
    if names := [*changed, *(name for name in SECRETS if name in secrets)]:
        sentence = f"Chat workspace {workspace}: {joined([name.replace('_', ' ') for name in names])} changed"
        append_event(CHATS, "chat.changed", sentence, data={"changed": changed}, **said)


def delete(*, workspace: ChatWorkspace, principal: Principal, now: datetime) -> None:
    """With all accounts that were bound there. Raises Refused without the right."""
    require(principal, "delete")
    with transaction.atomic():
        append_event(
            CHATS, "chat.deleted", f"Chat workspace {workspace} deleted", now=now, principal=principal,
            data={"values": values_of(workspace), "accounts": workspace.accounts.count()},
        )  # fmt: skip
        workspace.delete()
