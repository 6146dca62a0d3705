"""What Slack is told while it waits for an answer. It gives three seconds in all, so each of these gets one."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from deployments import logs
from deployments.outbound.errors import FetchError
from deployments.outbound.fetching import Request, fetch
from deployments.telling.chat.models import ChatWorkspace
from deployments.texts import printable

SECONDS = 1.0
_LIMIT = 64 * 1024
log = logs.get(__name__)


def whisper(workspace: ChatWorkspace, url: str, text: str, *, link: str = "", label: str = "") -> None:
    """To whoever pressed, and to nobody else. What was done stays done where Slack does not take it."""
    if not _is_theirs(workspace, url):
        log.warning("no answer to the chat", workspace=str(workspace), why="its response_url is not Slack's")
        return
    shown = f"{escaped(text)}\n<{link}|{escaped(label)}>" if link else escaped(text)
    said = {"response_type": "ephemeral", "replace_original": False, "text": shown}
    if trouble := _posted(url, said, {}):
        log.warning("no answer to the chat", workspace=str(workspace), why=trouble)


def opened(workspace: ChatWorkspace, trigger: str, view: Mapping[str, Any]) -> bool:
    """Whether Slack shows it to whoever pressed; not without a bot token."""
    token = workspace.bot_token
    if not token:
        return False
    url = f"{workspace.api_url.rstrip('/')}/views.open"
    trouble = _posted(url, {"trigger_id": trigger, "view": view}, {"Authorization": f"Bearer {token}"})
    if trouble:
        log.warning("no window in the chat", workspace=str(workspace), why=trouble)
    return not trouble


def escaped(text: str) -> str:
    """Slack's own three: nobody is called by <!here>, and no link stands behind other words."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _is_theirs(workspace: ChatWorkspace, url: str) -> bool:
    """Slack's answers go to hooks.slack.com, beside its API."""
    api, said = urlsplit(workspace.api_url), urlsplit(url)
    return said.scheme == api.scheme and said.netloc in (api.netloc, f"hooks.{api.netloc}")


def _posted(url: str, said: Mapping[str, Any], headers: Mapping[str, str]) -> str:
    """ "" when Slack took it, or what went wrong; a refusal of its API is a 200 with ok: false in it."""
    sent = {"Content-Type": "application/json; charset=utf-8", **headers}
    content = json.dumps(said).encode()
    try:
        answer = fetch(Request(url=url, method="POST", headers=sent, content=content, seconds=SECONDS, limit=_LIMIT))
    except FetchError as error:
        return str(error)
    if not 200 <= answer.status < 300:
        return f"Slack answers {answer.status}."
    try:
        read = json.loads(answer.body)
    except (ValueError, RecursionError):  # a response_url answers with the word ok
        return ""
    refused = isinstance(read, dict) and read.get("ok") is False
    return f"Slack says {printable(str(read.get('error', 'no')))[:80]}." if refused else ""
