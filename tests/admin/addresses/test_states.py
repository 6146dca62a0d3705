"""The deployment's page in a browser, in states in which nothing waits for anybody, or something was not as usual."""

import pytest
from django.contrib.auth.models import User

from tests.admin.addresses.pages import Address
from tests.admin.addresses.seen import rendered
from tests.admin.addresses.states import every_state
from tests.admin.addresses.test_seen import faults
from tests.admin.conftest import Browser as Browse
from tests.browser.chromium import launched

pytestmark = [pytest.mark.browser, pytest.mark.django_db, pytest.mark.timeout(600)]


def test_everybody_can_use_a_deployments_page_in_every_state(browse: Browse, monkeypatch: pytest.MonkeyPatch) -> None:
    """For who may press every button."""
    root = browse(User.objects.create_superuser("root"))
    states = every_state(monkeypatch)
    pages = rendered(root, [Address("", f"/deployments/deployment/{each.pk}/change/") for each in states.values()])
    with launched() as chromium:
        assert faults(chromium, pages) == []
