"""Replacing methods of moto's classes, and putting them back."""

from collections.abc import Callable
from typing import Any

_ABSENT = object()


class Patches:
    """Undone in reverse order, so that a sandbox leaves moto as it found it."""

    def __init__(self) -> None:
        self._undo: list[tuple[Any, str, Any]] = []

    def replace(self, owner: Any, name: str, make: Callable[[Any], Any]) -> None:
        """Set ``owner.name`` to what ``make`` builds around the original (None when there is none)."""
        original = vars(owner).get(name, _ABSENT)
        self._undo.append((owner, name, original))
        setattr(owner, name, make(None if original is _ABSENT else original))

    def undo(self) -> None:
        while self._undo:
            owner, name, original = self._undo.pop()
            if original is _ABSENT:
                delattr(owner, name)
            else:
                setattr(owner, name, original)
