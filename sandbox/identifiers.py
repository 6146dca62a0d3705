"""Identifiers that do not depend on when something was made."""

from collections.abc import Iterator
from contextlib import contextmanager

from moto.core.base_backend import backend_lock
from moto.moto_api._internal import mock_random


@contextmanager
def drawn_by(name: str) -> Iterator[None]:
    """What moto draws meanwhile comes from this name alone, and what it draws afterwards as if nothing had been."""
    with backend_lock:
        before = mock_random.getstate()
        mock_random.seed(name)
        try:
            yield
        finally:
            mock_random.setstate(before)
