"""Those who are told of the same change together are answered with what one of them had made."""

import threading
import time

import pytest

from deployments.api.shared import Shared
from tests.delivery.engine.threads import at_once

NOW = 0.0


def test_it_is_made_once_for_all_who_come_at_once() -> None:
    shared, made, began = Shared(), [], threading.Barrier(6)

    def make() -> bytes:
        made.append(1)
        return b"answer"

    def ask() -> bytes:
        began.wait(30)
        return shared.answer("deployment 1", NOW, make)

    assert at_once(*[ask] * 6) == [b"answer"] * 6
    assert made == [1]


def test_what_was_made_before_somebody_was_told_is_not_theirs() -> None:
    shared = Shared()
    shared.answer("deployment 1", NOW, lambda: b"before")

    assert shared.answer("deployment 1", time.monotonic(), lambda: b"after") == b"after"
    assert shared.answer("deployment 2", NOW, lambda: b"another") == b"another"


def test_what_went_wrong_is_told_to_each_and_the_next_tries_again() -> None:
    shared = Shared()

    def broken() -> bytes:
        raise LookupError("gone")

    for _ in range(2):
        with pytest.raises(LookupError, match="gone"):
            shared.answer("deployment 1", NOW, broken)
    assert shared.answer("deployment 1", time.monotonic(), lambda: b"there") == b"there"


def test_nothing_is_kept_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    shared = Shared()
    monkeypatch.setattr("deployments.api.shared.KEPT", 0.0)
    shared.answer("deployment 1", NOW, lambda: b"first")

    assert shared.answer("deployment 1", NOW, lambda: b"second") == b"second"
