"""Every page in Korean: nothing on it is English but names, people's own words and code."""

import os

from django.conf import settings

from tests.admin.addresses.pages import Address
from tests.admin.addresses.seen import rendered
from tests.admin.addresses.test_seen import ASKED, SIGNED_OUT
from tests.admin.addresses.untranslated import texts_in_english
from tests.admin.conftest import Browser as Browse
from tests.delivery.engine.world import World

#: Names, AWS's own words, and what people of the fixtures typed.
KNOWN = {"Tealgate", "Deployments", "root", "approver", "requester", "Payments", "groupless", "GitLab", "Acme"}


def test_every_page_speaks_the_reader_s_language(everywhere: list[Address], site: World, browse: Browse) -> None:
    more = [Address("", path.format(release=site.release.pk)) for path in ASKED]
    found: dict[str, list[str]] = {}
    for name in ("root", "approver"):
        client = browse(name)
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = "ko"
        for path, page in rendered(client, [*everywhere, *more, *SIGNED_OUT]).items():
            for text in texts_in_english(page.content.decode(), KNOWN):
                found.setdefault(text, []).append(path)
    if file := os.environ.get("UNTRANSLATED"):
        with open(file, "w") as out:
            for text, paths in sorted(found.items(), key=lambda item: -len(item[1])):
                out.write(f"{len(paths):4} {text[:200]}    {paths[0]}\n")

    assert found == {}
