"""Every page in Korean: nothing on it is English but names, people's own words and code."""

import re

from django.conf import settings

from config.language import FOR_MACHINES
from tests.admin.addresses.pages import Address
from tests.admin.addresses.seen import rendered
from tests.admin.addresses.test_seen import ASKED, SIGNED_OUT
from tests.admin.addresses.untranslated import texts_in_english
from tests.admin.conftest import Browser as Browse
from tests.delivery.engine.world import World

#: Names, AWS's own words, and what people of the fixtures typed.
KNOWN = {
    *("Tealgate", "Tealgate 1.0.0", "English", "Slack", "Microsoft Teams", "Discord", "Telegram", "Opsgenie", "ntfy"),
    *(
        "GitHub Actions",
        "Bitbucket Pipelines",
        "GitLab",
        "Amazon SNS",
        "Amazon EventBridge",
        "Path",
        "testserver",
        "http",
    ),
    *("root", "approver", "requester", "outsider", "administrator", "groupless", "because", "requester: because"),
    *("Administrators", "Approvers", "Release managers", "Viewers", "Payments", "Acme", "Shop", "shop", "web", "chat"),
    *("production", "staging", "tealgate", "deploys", "live", "trust", "beat", "read", "shop 1.1.0", "Shop 1.1.0"),
    *("blue", "green", "sub", "aud", "iss", "sub x", "push", "main", "branch", "true", "v{version}"),
    *("python manage.py migrate --noinput", "1:5 min, 25:10 min, 100", "10 min"),
}
#: What is made of names and AWS's words.
NAMED = re.compile(
    r"Rule arn:\S+|https://\{\S+|Slack webhook of T1|[\d.]+ → shop/production|people|ci|E-mail"
    r"|Slack as U1 \(Acme\)|Shop: \S+"
)


def test_every_page_speaks_the_reader_s_language(everywhere: list[Address], site: World, browse: Browse) -> None:
    more = [Address("", path.format(release=site.release.pk)) for path in ASKED]
    found: dict[str, list[str]] = {}
    for name in ("root", "approver"):
        client = browse(name)
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = "ko"
        for path, page in rendered(client, [*everywhere, *more, *SIGNED_OUT]).items():
            english = texts_in_english(page.content.decode(), KNOWN) if not path.startswith(FOR_MACHINES) else ()
            for text in english:
                said = text.removesuffix(" | Tealgate")
                if said in KNOWN or NAMED.fullmatch(said):
                    continue
                found.setdefault(text, []).append(path)

    assert found == {}
