"""Addresses of logs, dashboards and tickets, with places in braces for what is known of a deployment.

A value is percent-encoded where it stands, so it can be no more than one part of a path, one value of a query or a part
of the fragment. In the host it may be the first label only. How an address begins is never a value's to say.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import quote, urlsplit

LONGEST = 1_000
_MOMENT = "2026-11-29T12:00:00Z"
#: by name, what is put there
VALUES: Mapping[str, str] = {
    "application": "its short name",
    "environment": "such as production",
    "version": "of the release",
    "git_sha": "the release's commit",
    "ticket": "the first such as SHOP-123 in the deployment's reason, else in the release's notes",
    "previous_version": "what was live before",
    "deployment": "the deployment's number",
    "region": "of AWS",
    "account": "of AWS, 12 digits",
    "cluster": "name of the ECS cluster",
    "service": "name of the ECS service that the release runs in",
    "target_group": "name of its target group",
    "log_group": "of CloudWatch, from the environment's settings",
    "cloudwatch_log_group": "the same, as CloudWatch's console writes it in its addresses",
    "started": f"when it started: {_MOMENT}",
    "started_ms": "the same in milliseconds since 1970",
    "ended": "when it ended; missing while it runs",
    "ended_ms": "the same in milliseconds, and now while it runs",
}
_PARTS = re.compile(r"\{([^{}]*)\}")
_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
#: in place of a value, to look at an address without
_STAND_IN = "0"


@dataclass(frozen=True)
class LinkTemplate:
    text: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError with a sentence."""
        text = text.strip()
        if len(text) > LONGEST:
            raise ValueError(f"The address has {len(text)} characters; {LONGEST} is the most.")
        if not _SCHEME.match(text):
            raise ValueError("An address begins with https:// or http://, as it stands and not by a value.")
        if any(letter.isspace() or not letter.isprintable() or letter in '\\"<>`' for letter in text):
            raise ValueError("An address has no blanks, quotes, \\, < or >; write them as %20, %22 and so on.")
        _known(text)
        _check_host(text)
        return cls(text)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(_PARTS.findall(self.text)))

    def missing(self, values: Mapping[str, str]) -> tuple[str, ...]:
        """Names whose value is not known, or cannot stand where it would."""
        host = _authority(self.text)
        return tuple(
            name
            for name in self.names
            if not _stands(values.get(name, "")) or (f"{{{name}}}" in host and not _LABEL.fullmatch(values[name]))
        )

    def url(self, values: Mapping[str, str]) -> str:
        """ "" when something is missing: an address with a hole leads somewhere else."""
        if self.missing(values):
            return ""
        return _PARTS.sub(lambda found: quote(values[found[1]], safe="$" if found[1] in _ENCODED else ""), self.text)


#: Values that are written as somebody's addresses have them, in letters that need no more of it.
_ENCODED = ("cloudwatch_log_group",)


def cloudwatch(name: str) -> str:
    """CloudWatch's console encodes twice, and writes $ for the second %."""
    return quote(quote(name, safe=""), safe="").replace("%", "$")


def _stands(value: str) -> bool:
    """A part of a path that is . or .. would be another path."""
    return bool(value) and value not in (".", "..")


def _known(text: str) -> None:
    for found in _PARTS.finditer(text):
        if found[1] not in VALUES:
            where = f"at character {found.start() + 1}"
            raise ValueError(f"There is no {{{found[1]}}} ({where}); there are {', '.join(VALUES)}.")
    rest = _PARTS.sub("", text)
    if "{" in rest or "}" in rest:
        at = next(index for index, letter in enumerate(text) if letter in "{}" and not _inside(text, index))
        raise ValueError(f"A brace at character {at + 1} has no other; write %7B and %7D where one is meant.")


def _inside(text: str, index: int) -> bool:
    return any(found.start() <= index < found.end() for found in _PARTS.finditer(text))


def _authority(text: str) -> str:
    return re.split(r"[/?#]", text.partition("://")[2], maxsplit=1)[0]


def _check_host(text: str) -> None:
    authority = _authority(text)
    if "@" in authority:
        raise ValueError("No user and password in an address: everybody who may look sees it.")
    first, dot, rest = authority.partition(".")
    if "{" in rest or ("{" in first and not dot):
        raise ValueError("In the host a value may only be in the first part, such as {region}.console.aws.amazon.com.")
    try:
        parts = urlsplit(_PARTS.sub(_STAND_IN, text))
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise ValueError(f"That is no address: {error}.") from error
    if not host:
        raise ValueError("The address has no host.")
