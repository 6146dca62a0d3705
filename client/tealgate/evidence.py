"""What an approver is shown, in lines for people. Its members are Tealgate's; the texts in them may be of others."""

from collections.abc import Iterator, Mapping
from typing import Any


def lines(evidence: Mapping[str, Any]) -> Iterator[str]:
    """One for each thing that was seen; whatever is empty says nothing."""
    # A database may keep its members in another order.
    for name, seen in sorted(evidence.items()):
        label = str(name).replace("_", " ").capitalize()
        for each in seen if isinstance(seen, list) else [seen]:
            if each not in ("", None, {}, []):
                yield f"{label}: {_words(each)}"


def _words(seen: Any) -> str:
    if isinstance(seen, Mapping):
        return str(seen["sentence"]) if "sentence" in seen else "; ".join(_pairs(seen))
    return ", ".join(map(_words, seen)) if isinstance(seen, list) else f"{seen:g}" if _is_broken(seen) else str(seen)


def _pairs(seen: Mapping[str, Any]) -> Iterator[str]:
    for name, value in sorted(seen.items()):
        inner = f"({_words(value)})" if isinstance(value, Mapping) else _words(value)
        yield f"{str(name).replace('_', ' ')} {inner}"


def _is_broken(seen: Any) -> bool:
    """100.0 is 100 for people."""
    return isinstance(seen, float)
