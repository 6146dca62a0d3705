"""Documents of another version: for some minutes two of them read what either has frozen.

What a class does not know is passed over, so that pages of the older version show the rest. Whoever acts on a document
asks first for what was passed over, and leaves it to a version that knows it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import Any


def known(cls: Any, document: Mapping[str, Any]) -> dict[str, Any]:
    """Those members that the dataclass has."""
    names = {each.name for each in fields(cls)}
    return {name: kept for name, kept in document.items() if name in names}


def strangers(ours: Any, theirs: Any) -> Iterator[str]:
    """Names of members, at any depth, that the document has and the values that were read of it have not."""
    if isinstance(theirs, Mapping):
        for name, kept in theirs.items():
            mine = _member(ours, name)
            if mine is not MISSING:
                yield from strangers(mine, kept)
            elif isinstance(ours, Mapping) or is_dataclass(ours):
                yield name
    elif isinstance(theirs, list | tuple) and isinstance(ours, list | tuple):
        for mine, kept in zip(ours, theirs, strict=True):
            yield from strangers(mine, kept)


def _member(ours: Any, name: str) -> Any:
    if isinstance(ours, Mapping):
        return ours.get(name, MISSING)
    return getattr(ours, name) if name in getattr(ours, "__dataclass_fields__", ()) else MISSING
