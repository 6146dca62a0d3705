"""Whatever somebody typed: nobody is called by it, nothing of it is run or is a link, and the message can be sent."""

import json
import re
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any

import markdown  # type: ignore[import-untyped]
import pytest

from deployments.telling.notifications import rendering
from deployments.telling.notifications.content import Content
from tests.telling.notifications.hostile import HOSTILE

SITE = "https://tealgate.example/"
PLAIN = Content(
    subject="Waits for you: shop 1.4.2 to production",
    sentences=("It waits for 1 approval.",),
    facts=(("Reason", "Mends the cart"), ("Asked by", "amira")),
    changes=("1.4.1 is live, 1.4.2 is to be", "web: sha256:aa to sha256:bb"),
    evidence=("Green: 2 of 2 healthy",),
    log_tail="booting\nexit 1",
    path="/deployments/gate/7/change/",
    link_text="Open the gate",
    tone="waits",
    gate=7,
)
OURS = "https://tealgate.example/deployments/gate/7/change/"


def said_by(typed: str) -> Content:
    """Somebody wrote it wherever somebody can write."""
    return Content(
        subject=f"Waits for you: {typed}", sentences=(typed, f"It says: {typed}"), facts=(("Reason", typed),),
        changes=(typed, f"1.4.2: {typed}"), evidence=(typed,), log_tail=f"{typed}\n{typed}",
        path="/deployments/gate/7/change/", link_text="Open the gate", tone="bad",
    )  # fmt: skip


@pytest.fixture(params=list(HOSTILE.values()), ids=list(HOSTILE))
def hostile(request: pytest.FixtureRequest) -> Content:
    return said_by(request.param)


class Elements(HTMLParser):
    def __init__(self, written: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(written)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_a_mail_has_no_element_that_is_not_ours_and_one_link(hostile: Content) -> None:
    found = Elements(rendering.html(hostile, SITE)).found
    # The same parts, with harmless words: what was typed adds nothing.
    expected = Elements(rendering.html(said_by("words"), SITE)).found

    assert found == expected
    assert [attributes["href"] for tag, attributes in found if tag == "a"] == [OURS]
    assert not {"script", "img", "link", "iframe", "form"} & {tag for tag, _ in found}


def test_a_subject_is_one_line_that_is_a_header(hostile: Content) -> None:
    message = EmailMessage()

    message["Subject"] = rendering.subject(hostile)

    assert len(rendering.subject(hostile).encode("utf-16-le")) <= 2 * 2 * 150
    assert message.keys() == ["Subject"]
    message.as_bytes()


@pytest.mark.parametrize("form", [rendering.text, rendering.markdown])
def test_nobody_is_called_by_text_or_markdown(hostile: Content, form: Any) -> None:
    written = form(hostile, SITE)

    assert not re.search(r"@[A-Za-z0-9&!]|<[!@#&A-Za-z/]|\]\((?!https://tealgate)", written)
    assert OURS in written
    written.encode()


def test_no_typed_link_or_picture_is_one_in_markdown(hostile: Content) -> None:
    found = Elements(markdown.markdown(rendering.markdown(hostile, SITE, most=100_000), extensions=["fenced_code"]))

    assert [attributes["href"] for tag, attributes in found.found if tag == "a"] == [OURS]
    assert not {"script", "img", "h1", "blockquote"} & {tag for tag, _ in found.found}


@pytest.mark.parametrize("most", [400, 1_900])
def test_markdown_fits_and_closes_the_log(hostile: Content, most: int) -> None:
    written = rendering.markdown(hostile, SITE, most=most)

    assert len(written) <= most
    assert written.count("```") % 2 == 0
    assert written.endswith(f"({OURS})")


def strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [each for member in value.values() for each in strings(member)]
    if isinstance(value, list):
        return [each for member in value for each in strings(member)]
    return [value] if isinstance(value, str) else []


def test_slack_finds_no_mention_and_one_link(hostile: Content) -> None:
    blocks = rendering.slack_blocks(hostile, SITE)
    marked = [block["text"] for block in blocks[1:] if "text" in block] + [
        field for block in blocks for field in block.get("fields", ())
    ]

    special = [each for text in marked if text["type"] == "mrkdwn" for each in re.findall(r"<[^>]*>", text["text"])]
    assert special == [f"<{OURS}|Open the gate>"]
    assert all(text.get("verbatim") or text["type"] == "plain_text" for text in marked)
    assert "<" not in rendering.slack_text(hostile)
    assert not re.search(r"@[A-Za-z0-9]", json.dumps(blocks, ensure_ascii=False))


def test_slack_takes_its_blocks(hostile: Content) -> None:
    blocks = rendering.slack_blocks(hostile, SITE)

    assert len(blocks) <= 50
    assert len(blocks[0]["text"]["text"]) <= 150
    for block in blocks[1:]:
        assert len(block.get("text", {}).get("text", "")) <= 3_000
        assert len(block.get("fields", ())) <= 10
        assert all(len(field["text"]) <= 2_000 for field in block.get("fields", ()))
    json.dumps(blocks).encode()


def test_teams_finds_no_markdown_and_takes_the_size(hostile: Content) -> None:
    message = rendering.teams_card(hostile, SITE)
    card = message["attachments"][0]["content"]

    assert {block["type"] for block in card["body"]} == {"RichTextBlock"}
    assert [action["url"] for action in card["actions"]] == [OURS]
    assert len(json.dumps(message)) < 28_000
    assert not [each for each in strings(message["attachments"]) if re.search(r"@[A-Za-z0-9]|<[A-Za-z/]", each)]


@pytest.mark.parametrize(
    "form", [rendering.text, rendering.mail_text, rendering.markdown, rendering.html, rendering.teams_card]
)
def test_two_megabytes_become_a_message_that_can_be_sent(form: Any) -> None:
    written = form(said_by("line of a log & <more> of it\n" * 70_000), SITE)

    assert OURS in (written if isinstance(written, str) else json.dumps(written))
    assert len(written if isinstance(written, str) else json.dumps(written)) < 40_000


def test_text_is_read_from_top_to_bottom_in_72_columns() -> None:
    assert rendering.mail_text(PLAIN, SITE) == (
        "It waits for 1 approval.\n"
        "\n"
        "Reason:   Mends the cart\n"
        "Asked by: amira\n"
        "\n"
        "Evidence\n"
        "  - Green: 2 of 2 healthy\n"
        "\n"
        "What changes\n"
        "  - 1.4.1 is live, 1.4.2 is to be\n"
        "  - web: sha256:aa to sha256:bb\n"
        "\n"
        "The end of the log\n"
        "    booting\n"
        "    exit 1\n"
        "\n"
        "Open the gate:\n"
        f"{OURS}\n"
    )


def test_text_keeps_a_long_address_whole_and_wraps_the_rest() -> None:
    address = "https://logs.example/" + "x" * 100
    lines = rendering.mail_text(Content(subject="x", sentences=("word " * 40, address)), SITE).split("\n")

    assert address in lines
    assert max(len(line) for line in lines if line != address) <= 72


def test_a_mail_keeps_addresses_that_people_may_want_to_copy() -> None:
    content = Content(subject="x", facts=(("Asked by", "amira@shop.example"),))

    assert "amira@shop.example" in rendering.mail_text(content, SITE)
    assert "amira@shop.example" in rendering.html(content, SITE)


def test_a_mail_says_how_it_looks_in_light_and_dark() -> None:
    written = rendering.html(PLAIN, SITE)

    assert '<meta name="color-scheme" content="light dark">' in written
    assert "@media (prefers-color-scheme: dark)" in written
    assert "Open the gate" in written


@pytest.mark.parametrize("form", [rendering.text, rendering.mail_text, rendering.markdown])
def test_a_message_that_is_all_subject_has_a_body_all_the_same(form: Any) -> None:
    assert form(Content(subject="Live: shop 1.0"), SITE).strip() == "Live: shop 1.0"


def test_a_message_without_a_page_has_no_link() -> None:
    content = Content(subject="A test")

    assert "http" not in rendering.text(content, SITE)
    assert "<a " not in rendering.html(content, SITE)
    assert "actions" not in rendering.teams_card(content, SITE)["attachments"][0]["content"]


def test_a_place_in_a_narrow_column_breaks_behind_its_slash() -> None:
    content = Content(subject="Your week", facts=(("shop/production", "1 live"),))

    assert "shop/\u200bproduction" in rendering.html(content, "https://t.example")
    assert "shop/production" in rendering.mail_text(content, "https://t.example")
