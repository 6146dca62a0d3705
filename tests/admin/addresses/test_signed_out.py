"""What was typed into a form that was sent after the session had ended."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Page, expect

from deployments.delivery.models import Deployment
from tests.admin.addresses.seen import Window
from tests.admin.conftest import Browser as Browse
from tests.browser.chromium import launched

pytestmark = pytest.mark.browser

TYPED = "Clicked through the checkout"


@contextmanager
def sent_by(sender: Client, path: str, *then: tuple[str, Client]) -> Iterator[Page]:
    """Typed and sent on a page of theirs; then these others are opened in the same tab."""
    pages = {path: sender.get(path)}
    later = [(address, {address: client.get(address)}) for address, client in then]
    with launched() as chromium:
        window = Window(chromium, pages)
        window.open(path)
        window.page.get_by_label("Comment").fill(TYPED)
        window.page.get_by_role("button", name="Approve", exact=True).click()
        for address, those in later:
            window.pages = those
            window.open(address)
        yield window.page
        assert window.troubles == []


def test_who_signs_in_again_finds_what_they_had_typed(at_gate: Deployment, approver: User, browse: Browse) -> None:
    person, path = browse(approver), f"/deployments/gate/{at_gate.gates.get().pk}/change/"

    with sent_by(person, path, (f"/login/?next={path}", Client()), (path, person)) as page:
        expect(page.get_by_label("Comment")).to_have_value(TYPED)


def test_somebody_else_who_signs_in_does_not(
    at_gate: Deployment, approver: User, administrator: User, browse: Browse
) -> None:
    path = f"/deployments/gate/{at_gate.gates.get().pk}/change/"
    administrator.groups.set(approver.groups.all())

    with sent_by(browse(approver), path, ("/login/", Client()), (path, browse(administrator))) as page:
        expect(page.get_by_label("Comment")).to_have_value("")


def test_what_was_done_is_not_typed_again(at_gate: Deployment, approver: User, browse: Browse) -> None:
    person, path = browse(approver), f"/deployments/gate/{at_gate.gates.get().pk}/change/"

    with sent_by(person, path, ("/", person), (path, person)) as page:
        expect(page.get_by_label("Comment")).to_have_value("")
