"""What settings have to be to work, where a parser takes more than that, each with what is wrong and an example."""

import difflib
import re
from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple
from urllib.parse import urlsplit

from config.settings.reading import Reader

HOST = "tealgate.example.com"
ORIGIN = f"https://{HOST}"
#: Names so alike are taken for a slip of the finger, when the known one is not set.
ALIKE = 0.88
_NAME = re.compile(r"\.?([a-z0-9_]([a-z0-9_-]*[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?", re.IGNORECASE)


class Fault(NamedTuple):
    applies: Callable[[str], object]
    fix: str


#: The first that applies is told.
_HOST_FAULTS = (
    Fault(lambda said: "'" in said or '"' in said, "Leave the quotes out: nothing takes them away."),
    Fault(lambda said: "://" in said or "/" in said, "Leave scheme and path out: it is a name only."),
    Fault(lambda said: said == "*", "Name the hosts; /healthz answers without one."),
    Fault(lambda said: "*" in said, "A leading dot stands for all names below: .example.com"),
    Fault(lambda said: re.search(r"\s", said), "Separate the names by commas."),
    Fault(lambda said: re.search(r"[^:\]]:\d+$|\]:\d+$", said), "Leave the port out: a name has none."),
    Fault(lambda said: not (_NAME.fullmatch(said) or re.fullmatch(r"\[[0-9a-f:.]+\]", said, re.I)),
          "Set it to names, or addresses with IPv6 in brackets."),
)  # fmt: skip


def host_names(read: Reader, name: str, found: Iterable[str]) -> None:
    """As Django compares them with the Host header, which has neither scheme nor quotes."""
    for said in found:
        fault = next((fault for fault in _HOST_FAULTS if fault.applies(said)), None)
        if fault:
            read.complain(name, f"has {said!r}", fault.fix, HOST)


def origins(read: Reader, name: str, found: Iterable[str]) -> None:
    """As browsers send them in Origin: a scheme, a host, a port where it is not the usual one, and nothing else."""
    for said in found:
        parts = urlsplit(said)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            read.complain(name, f"has {said!r}", "Each one starts with https:// or http://.", ORIGIN)
        elif said != f"{parts.scheme}://{parts.netloc}":
            read.complain(name, f"has {said!r}", "Leave out what follows the host, a slash as well.", ORIGIN)


def misspelt(read: Reader, names: Collection[str]) -> None:
    """Variables that are no setting of ours, and whose name is nearly that of one that is not set."""
    missing = sorted(name for name in read.asked_for if name not in names and f"{name}_FILE" not in names)
    for said in sorted(names):
        known = said.removesuffix("_FILE")
        if known in read.asked_for or not missing:
            continue
        near = difflib.get_close_matches(known, missing, n=1, cutoff=ALIKE)
        if near:
            read.complain(
                said, f"is no setting, and {near[0]} is not set", f"Call it {near[0]}, or take it away.", near[0]
            )
