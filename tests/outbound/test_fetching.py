import socket
from typing import Any

import pytest

from deployments.outbound import fetching
from deployments.outbound.errors import FetchError, PrivateAddress
from deployments.outbound.fetching import Request, fetch
from tests.outbound.web_server import Web, serving


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://169.254.170.2/v2/credentials",
        "http://2852039166/",
        "http://[fd00:ec2::254]/",
        "http://[fe80::1]/",
        "http://[::ffff:169.254.169.254]/",
        "http://[64:ff9b::a9fe:a9fe]/",
        "http://[2002:a9fe:a9fe::]/",
        "http://[64:ff9b:1::a9fe:a9fe]/",
        "http://[64:ff9b:1:a9fe:a9:fe00::]/",
        "http://[::169.254.169.254]/",
        "http://[::ffff:0:169.254.169.254]/",
        "http://[2001:0:a9fe:a9fe::1]/",
        "http://[2001:0:102:304::5601:5601]/",
        "http://[2001:db8::5efe:169.254.169.254]/",
        "http://[2001:db8::200:5efe:169.254.169.254]/",
    ],
)
def test_metadata_addresses_are_refused_in_every_spelling(url: str) -> None:
    with pytest.raises(FetchError, match="metadata address"):
        fetch(Request(url=url))


def test_a_name_that_stands_for_a_metadata_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(0, 0, 0, "", ("169.254.169.254", 80))])

    with pytest.raises(FetchError, match=r"harmless\.example is at 169\.254\.169\.254"):
        fetch(Request(url="http://harmless.example/"))


def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    genuine = socket.getaddrinfo
    asked: list[str] = []

    def changing(host: str, port: int, *rest: Any, **more: Any) -> Any:
        asked.append(host)
        return genuine("127.0.0.1", port, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", changing)
    with serving(Web(answers={"/": (200, {}, b"here")})) as web:
        answer = fetch(Request(url=web.url.replace("127.0.0.1", "shop.example") + "/"))

    assert answer.body == b"here"
    assert web.seen[0][1]["host"].startswith("shop.example:")
    assert asked.count("shop.example") == 1


def test_a_name_that_does_not_resolve_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any, **__: Any) -> None:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    with pytest.raises(FetchError, match="name nobody.example could not be resolved"):
        fetch(Request(url="http://nobody.example/"))


def test_a_name_too_long_for_dns_is_an_error_like_any_other() -> None:
    with pytest.raises(FetchError, match="could not be resolved"):
        fetch(Request(url=f"http://{'a' * 64}.example/"))


def test_messages_never_hold_the_path_of_an_address() -> None:
    assert fetching.place_of("https://user:pass@hooks.example:8443/services/SECRET?token=x") == "hooks.example:8443"


def test_the_next_address_is_tried_when_one_cannot_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    genuine = socket.getaddrinfo

    def two(host: str, port: int, *rest: Any, **more: Any) -> Any:
        if host != "shop.example":
            return genuine(host, port, *rest, **more)
        return [(0, 0, 0, "", ("127.0.0.2", port)), (0, 0, 0, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", two)
    with serving(Web(answers={"/": (204, {}, b"")})) as web:
        assert fetch(Request(url=web.url.replace("127.0.0.1", "shop.example") + "/")).status == 204


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "10.0.0.5", "172.16.1.1", "192.168.1.1", "100.64.0.1", "0", "224.0.0.1", "[::1]", "[fd00::1]",
     "[::ffff:10.0.0.5]", "[64:ff9b::a00:5]", "[2002:a00:5::]", "[::]", "2130706433"],
)  # fmt: skip
def test_private_addresses_are_refused_where_only_public_ones_are_wanted(host: str) -> None:
    with pytest.raises(PrivateAddress, match="a private address"):
        fetch(Request(url=f"http://{host}:9/", public=True))


def test_a_name_with_one_private_address_among_public_ones_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(0, 0, 0, "", (address, 80)) for address in ("93.184.215.14", "10.0.0.5")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)

    with pytest.raises(PrivateAddress, match=r"two\.example is at 10\.0\.0\.5"):
        fetch(Request(url="http://two.example/", public=True))
