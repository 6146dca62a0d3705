"""GitHub asks: a job that targets an environment waits for our word. It is believed by the app's secret only."""

import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from deployments.refused import Refused
from deployments.telling.forge.models import Forge, ForgeKind, ForgeQuestion
from deployments.telling.forge.places import repositories_called

#: of a webhook's body; GitHub's own are a few KB here
LARGEST = 1024 * 1024
_RULE = "deployment_protection_rule"
_CALLBACK = re.compile(rf"/(?:repos/([^/?#]+/[^/?#]+)|repositories/\d+)/actions/runs/\d+/{_RULE}", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,20}")
_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_DELIVERY = re.compile(r"[0-9A-Za-z-]{8,64}")


class NotBelieved(Exception):
    """The signature is not of this connection's secret, or it has none."""


class Repeated(Exception):
    """This delivery, or this deployment of it, was taken before; nothing was done."""


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """As it came, nothing of it believed yet."""

    event: str
    id: str
    signature: str
    body: bytes


def connection(pk: int) -> Forge | None:
    return Forge.objects.filter(pk=pk, kind=ForgeKind.GITHUB_APP).first()


def take(forge: Forge, delivery: Delivery, now: datetime) -> ForgeQuestion | None:
    """None for what is no question, such as a ping. Raises NotBelieved, Repeated, Refused for what makes no sense."""
    if not _is_signed(forge, delivery):
        raise NotBelieved
    said = _read(delivery.body)
    if delivery.event != _RULE or said.get("action") != "requested":
        return None
    if not _DELIVERY.fullmatch(delivery.id):
        raise Refused("X-GitHub-Delivery is no delivery's id.")
    question = _question(forge, said)
    question.delivery, question.asked_at, question.due_at = delivery.id, now, now
    try:
        with transaction.atomic():
            question.save()
    except IntegrityError as error:
        raise Repeated from error
    return question


def _is_signed(forge: Forge, delivery: Delivery) -> bool:
    """Over the bytes as they came, and compared without telling by time how much is right."""
    secret = forge.webhook_secret
    if not secret:
        return False
    right = "sha256=" + hmac.new(secret.encode(), delivery.body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(right.encode(), delivery.signature.encode())


def _read(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused("The body is no JSON: give the webhook the content type application/json.") from error
    if not isinstance(said, dict):
        raise Refused("The body is no object of JSON.")
    return said


def _question(forge: Forge, said: dict[str, Any]) -> ForgeQuestion:
    """Raises Refused: of another installation, without what is needed, or to be answered somewhere else."""
    deployment, repository = said.get("deployment"), said.get("repository")
    installation = said.get("installation")
    if not (isinstance(deployment, dict) and isinstance(repository, dict) and isinstance(installation, dict)):
        raise Refused("It names no deployment, repository or installation.")
    if str(installation.get("id")) != forge.installation_id:
        raise Refused(f"It is of another installation of the app than {forge.installation_id}.")
    named, environment = _text(repository, "full_name"), _text(said, "environment")
    sha, number = _text(deployment, "sha"), str(deployment.get("id", ""))
    if not _SHA.fullmatch(sha) or not _NUMBER.fullmatch(number):
        raise Refused("Its deployment has no id, or no whole commit.")
    callback = _text(said, "deployment_callback_url", most=1000)
    _answered_there(forge, callback, named)
    candidates = repositories_called(forge, named)
    return ForgeQuestion(
        forge=forge, repository=candidates[0] if candidates else None, number=number, named=named,
        environment=environment, sha=sha, callback_url=callback,
    )  # fmt: skip


def _text(said: dict[str, Any], name: str, most: int = 255) -> str:
    value = said.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= most or not value.isprintable():
        raise Refused(f"It has no {name}, or one that is too long.")
    return value


def _answered_there(forge: Forge, callback: str, named: str) -> None:
    """The answer carries the app's token: it goes to the connection's own API and to nobody else."""
    base = forge.api_url.rstrip("/")
    found = _CALLBACK.fullmatch(callback[len(base) :]) if callback.startswith(f"{base}/") else None
    if found is None or (found[1] and found[1].lower() != named.lower()):
        raise Refused(f"It wants its answer elsewhere than at {base}, so it gets none.")
