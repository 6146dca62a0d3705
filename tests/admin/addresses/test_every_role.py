"""Every address of the site, opened and posted to by every role: who has no right changes nothing, nothing breaks."""

import copy
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from tests.admin.addresses.pages import Address, Form, everything, forms, writes
from tests.admin.conftest import Browser

#: Where each role changes something, by the name of the address, and nowhere else. "" is nobody.
DEPLOY = {"deployments_deployment_preview", "deployments_deployment_do", "deployments_release_add",
          "deployments_environment_lock", "deployments_token_add", "deployments_token_change"}  # fmt: skip
ADMINISTER = {
    *(f"deployments_application_{verb}" for verb in ("add", "change", "propose_link")),
    *(f"deployments_environment_{verb}" for verb in ("add", "change", "delete", "adopt", "simple_history", "discover")),
    *(f"deployments_chatworkspace_{verb}" for verb in ("add", "change", "delete")), "chat_accounts",
    *(f"deployments_forge_{verb}" for verb in ("add", "change", "delete")),
    *(f"deployments_notificationchannel_{verb}" for verb in ("add", "change", "edit")),
    *(f"deployments_notificationaddress_{verb}" for verb in ("change", "replace")),
    *(f"deployments_webhooksubscription_{verb}" for verb in ("add", "change", "edit")),
    "deployments_webhookdelivery_change",
    "deployments_environment_unattended", "deployments_environment_retire", "deployments_trust_change",
    *(f"auth_user_{verb}" for verb in ("add", "change", "password_change")),
    *(f"auth_group_{verb}" for verb in ("add", "change", "delete")),
    "django_q_failure_delete", "axes_accessattempt_delete",
}  # fmt: skip
#: A wrong password is counted where one changes one's own. And everybody says what they are told, where, and in which
#: language.
OWN = {"logout", "password_change", "notifications", "deployments_notificationaddress_add", "set_language"}
MAY: dict[str, set[str]] = {
    "": {"login"},
    "groupless": OWN,
    "outsider": OWN,
    "requester": DEPLOY | OWN,
    "approver": {"deployments_gate_decide", "deployments_gate_change", "chat_accounts", "deployments_deployment_do"}
    | OWN,
    "administrator": DEPLOY | ADMINISTER | OWN,
}


class Visitor:
    """Somebody with a browser. Whatever they bring about is undone, after it was looked at."""

    def __init__(self, client: Client) -> None:
        client.raise_request_exception = False
        self.client, self.cookies = client, copy.copy(client.cookies)
        self.before = everything()
        self.changed: set[str] = set()

    def look(self, address: Address) -> list[Form]:
        return forms(self._ask(address, self.client.get), address)

    def post(self, address: Address, data: Mapping[str, Any]) -> None:
        self._ask(address, lambda path: self.client.post(path, data))

    def _ask(self, address: Address, ask: Callable[[str], Any]) -> Any:
        with transaction.atomic():
            written = writes()
            answer = ask(address.path)
            # 503 is what /readyz says without a worker.
            assert answer.status_code in range(200, 500) or address.path == "/readyz", address.path
            if writes() != written and everything() != self.before:
                self.changed.add(address.name)
            transaction.set_rollback(True)
        self.client.cookies = copy.copy(self.cookies)
        return answer


def look_everywhere(visitor: Visitor, everywhere: Iterable[Address]) -> dict[str, Form]:
    """The forms that were shown, each once."""
    shown = {repr(form): form for address in everywhere for form in visitor.look(address)}
    assert not visitor.changed, "by looking"
    return shown


@pytest.mark.timeout(1500)
@pytest.mark.urls("tests.admin.addresses.short_errors")
def test_nobody_changes_anything_without_the_right(
    everywhere: list[Address], typed: dict[str, dict[str, str]], browse: Browser
) -> None:
    most = look_everywhere(Visitor(browse("root")), everywhere)
    changed: dict[str, set[str]] = {}
    for role in MAY:
        visitor = Visitor(browse(role) if role else Client())
        shown = {**most, **look_everywhere(visitor, everywhere)}.values()
        for address in everywhere:
            path = address.path.partition("?")[0]
            sent = [data | typed.get(path, {}) for form in shown if form.action == path for data in form.sent()]
            # A form that leaves nothing to fill in is the same filled, and may stand on several pages.
            for data in {repr(sorted(data.items())): data for data in ({}, *sent)}.values():
                visitor.post(address, data)
        changed[role] = visitor.changed
    assert changed == MAY
