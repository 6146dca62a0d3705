"""What others wrote, made harmless, and cut where a letter ends."""

import pytest

from deployments.telling.notifications import log_tails, plain

FAMILY = "👨‍👩‍👧‍👦"
WAVING = "👋🏽"
FLAGS = "🇩🇪🇯🇵"
ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("shop\r\nBcc: eve@example.com", "shop Bcc: eve@example.com"),
        ("one\u2028two\u2029three", "one two three"),
        ("1.4.2\u202e gpj.exe", "1.4.2 gpj.exe"),
        ("\u2066isolated\u2069 \u200bzero\u200b \ufeffwidth\u00ad", "isolated zero width"),
        ("\x1b[31mred\x1b[0m \x07bell", "red bell"),
        ("half \ud83d an emoji", "half \N{REPLACEMENT CHARACTER} an emoji"),
        ("tags\U000e0041\U000e0042 that nobody sees", "tags that nobody sees"),
        (f"{FAMILY} {WAVING} {FLAGS} {ENGLAND}", f"{FAMILY} {WAVING} {FLAGS} {ENGLAND}"),
        ("می‌خواهم", "می‌خواهم"),
        ("שלום עולם", "שלום עולם"),
    ],
)
def test_what_hides_or_turns_text_is_left_out_of_a_line_and_nothing_else(typed: str, shown: str) -> None:
    assert plain.line(typed) == shown


@pytest.mark.parametrize(
    "letters", [[FAMILY], [WAVING], ["🇩🇪", "🇯🇵"], [ENGLAND], ["e\u0301", "é"], ["நி"], ["❤️"], ["1️⃣"]]
)
def test_a_cut_text_ends_with_a_whole_letter(letters: list[str]) -> None:
    letters = letters * 8
    text, whole = "".join(letters), {"".join(letters[:count]) for count in range(len(letters))}

    for most in range(1, len(text)):
        short = plain.cut(text, most)

        assert len(short) <= most
        assert short.removesuffix("…") in whole


def test_a_letter_with_a_thousand_marks_is_cut_all_the_same() -> None:
    assert len(plain.cut("Z" + "\u0335" * 1_000, 50)) == 50


def test_two_megabytes_of_log_become_its_last_whole_lines_and_say_so() -> None:
    lines = [f"line {number} {'x' * 200}" for number in range(10_000)]

    tail = log_tails.shortened(lines)

    assert len(tail.encode()) <= log_tails.MOST_BYTES
    said, *kept = tail.split("\n")
    assert said == f"(Shortened: the last {len(kept)} lines of 10000. The page has all that was kept.)"
    assert kept == lines[-len(kept) :]


def test_one_line_of_two_megabytes_is_cut_and_says_so() -> None:
    tail = log_tails.shortened(["start", "🎉" * 500_000])

    assert len(tail.encode()) <= log_tails.MOST_BYTES
    assert tail.startswith("(Shortened: ")


def test_a_short_log_is_shown_whole_without_colours() -> None:
    assert log_tails.shortened(["\x1b[32mbooting\x1b[0m", "", "exit 1\n"]) == "booting\n\nexit 1"
