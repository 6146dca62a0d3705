"""The heads of all chains in a file that is kept elsewhere: whoever rewrites the whole log cannot rewrite that."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from deployments.record.models import Event, EventChain
from deployments.words import counted

Heads = Mapping[str, Any]


def current() -> dict[str, dict[str, Any]]:
    """Chain to its length and the hash of its newest event."""
    rows = EventChain.objects.order_by("name").values_list("name", "length", "head")
    return {name: {"length": length, "head": head} for name, length, head in rows}


def read(path: Path) -> Heads:
    """Raises ValueError for what is no such file."""
    found = json.loads(path.read_text())
    if not isinstance(found, dict) or not all(set(head) == {"length", "head"} for head in found.values()):
        raise ValueError("it is no file of heads")
    return found


def write(path: Path, heads: Heads) -> None:
    path.write_text(json.dumps(heads, indent=2, sort_keys=True) + "\n")


def faults(kept: Heads) -> Iterator[str]:
    """What differs from the heads that were kept. Chains may have grown since."""
    for name, head in kept.items():
        if not head["length"]:
            continue
        chain = EventChain.objects.filter(name=name).first()
        if chain is None:
            yield f"{name}: is gone; it had {counted(head['length'], 'event')} when its head was kept."
        elif chain.length < head["length"]:
            yield f"{name}: has {counted(chain.length, 'event')}, and had {head['length']} when its head was kept."
        elif not Event.objects.filter(chain=chain, number=head["length"], hash=head["head"]).exists():
            yield f"{name}: event {head['length']} is not the one whose hash was kept; the chain was written again."
