"""What is said to whoever may not or finds nothing, to every role and of every text."""

from urllib.parse import quote

import pytest

from tests.admin.addresses.test_every_role import MAY
from tests.admin.addresses.test_hostile_requests import HOSTILE
from tests.admin.conftest import Browser
from tests.delivery.engine.world import World

#: Nobody may.
CLOSED = "/deployments/event/add/"


@pytest.mark.parametrize("role", [role for role in MAY if role])
def test_everybody_is_told_with_the_menu(role: str, site: World, browse: Browser) -> None:
    denied, missing = (browse(role).get(path) for path in (CLOSED, "/nowhere/"))

    assert (denied.status_code, missing.status_code) == (403, 404)
    for page, words in ((denied, "You may not do that"), (missing, "There is nothing here")):
        assert words in (said := page.content.decode()) and 'action="/logout/"' in said


def test_what_is_gone_is_told_in_our_words(site: World, browse: Browser) -> None:
    said = browse("root").get("/deployments/application/99999/retire/").content.decode()

    assert "what was here does not exist any more" in said
    assert "query" not in said.partition("<main")[2]


def test_no_text_breaks_what_is_said_of_an_address(site: World, browse: Browser) -> None:
    client = browse("root")
    client.raise_request_exception = False
    for text in HOSTILE:
        for path in (f"/{quote(text, safe='')}/", f"/deployments/environment/{quote(text, safe='')}/change/"):
            assert client.get(path).status_code < 500, path
