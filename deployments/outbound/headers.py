"""Headers that people have sent with a check: one a line, as "Name: value".

They are shown to everyone who may look, so none may hold a secret; and none may say anything of the connection or of
the request's length, which are not theirs to say.
"""

import re

LONGEST = 2000
MOST = 20

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
_HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9a-fA-F:.]+\])(?::[0-9]{1,5})?")
_SECRET = re.compile(r"authorization|cookie|token|secret|passw|api-?key|credential|session")
_OF_THE_CONNECTION = frozenset(
    {"connection", "content-length", "expect", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding",
     "upgrade"}
)  # fmt: skip

Headers = tuple[tuple[str, str], ...]


def parse(text: str) -> Headers:
    """Names and values in their order. Raises ValueError with a sentence for people."""
    if len(text) > LONGEST:
        raise ValueError(f"These are {len(text)} characters; a check sends at most {LONGEST}.")
    # No splitlines(): what else it takes for an end of line would be sent as part of a value, and is refused there.
    headers = tuple(_header(line.strip(" \t")) for line in text.replace("\r\n", "\n").split("\n") if line.strip())
    if len(headers) > MOST:
        raise ValueError(f"These are {len(headers)} headers; a check sends at most {MOST}.")
    names = [name.lower() for name, _ in headers]
    if twice := next((name for name, _ in headers if names.count(name.lower()) > 1), ""):
        raise ValueError(f"{twice} is named twice; a check sends each header once.")
    return headers


def value_of(headers: Headers, name: str) -> str:
    """Whatever the case of its letters; "" when it is not there."""
    return next((value for its, value in headers if its.lower() == name.lower()), "")


def _header(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    value = value.strip(" \t")
    if not colon or not _NAME.fullmatch(name):
        raise ValueError(f"“{line[:60]}” is no header: write a line as Name: value, such as Host: shop.example.com.")
    _refuse(name)
    if not _VALUE.fullmatch(value):
        raise ValueError(f"The value of {name} has to be letters, digits and signs of ASCII, and on one line.")
    if name.lower() == "host" and not _HOST.fullmatch(value):
        raise ValueError(f"{value} is no Host: give a name such as shop.example.com, without https:// and path.")
    if name.lower() == "x-forwarded-proto" and value.lower() not in ("http", "https"):
        raise ValueError(f"{name} is http or https, and {value} is neither.")
    return name, value


def _refuse(name: str) -> None:
    if _SECRET.search(name.lower()):
        raise ValueError(
            f"{name} is where a secret stands, and everyone who may look sees what a check sends: leave it out, and "
            "check a page that asks for none."
        )
    if name.lower() in _OF_THE_CONNECTION:
        raise ValueError(f"{name} is about the connection, of which Tealgate takes care: leave it out.")
