"""What people may have sent with a smoke check, and what they are told otherwise."""

import pytest

from deployments.outbound.headers import LONGEST, parse


def refusal(text: str) -> str:
    with pytest.raises(ValueError) as caught:
        parse(text)
    return str(caught.value)


def test_headers_are_read_one_a_line() -> None:
    text = "Host: shop.example.com:8443\r\n\n  X-Forwarded-Proto:https\nAccept: text/html, */*;q=0.1  \n"

    assert parse(text) == (
        ("Host", "shop.example.com:8443"), ("X-Forwarded-Proto", "https"), ("Accept", "text/html, */*;q=0.1"),
    )  # fmt: skip
    assert parse("") == ()


@pytest.mark.parametrize(
    "name", ["Authorization", "cookie", "Proxy-Authorization", "X-Api-Key", "X-Auth-Token", "X-Vault-Secret"]
)
def test_a_secret_has_no_place_there(name: str) -> None:
    assert f"{name} is where a secret stands" in refusal(f"Host: shop.example.com\n{name}: 1234")


@pytest.mark.parametrize("name", ["Connection", "content-length", "Transfer-Encoding", "TE", "Upgrade", "Expect"])
def test_what_is_about_the_connection_is_refused(name: str) -> None:
    assert "is about the connection" in refusal(f"{name}: 1")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("shop.example.com", "write a line as Name: value"),
        ("Two words: 1", "write a line as Name: value"),
        (": 1", "write a line as Name: value"),
        ("X-Probe:", "The value of X-Probe"),
        ("X-Probe: a\rX-More: b", "The value of X-Probe"),
        ("X-Probe: a\x0bX-More: b", "The value of X-Probe"),
        ("X-Probe: a\x00", "The value of X-Probe"),
        ("X-Probe: café", "The value of X-Probe"),
        ("Host: https://shop.example.com/", "is no Host"),
        ("X-Forwarded-Proto: ftp", "is http or https"),
        ("Host: a\nhost: b", "Host is named twice"),
        ("\n".join(f"X-{n}: 1" for n in range(21)), "These are 21 headers"),
        ("X: " + "a" * LONGEST, "2003 characters"),
    ],
)
def test_what_cannot_be_sent_is_refused_in_words(text: str, words: str) -> None:
    assert words in refusal(text)
