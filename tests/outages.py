"""A database that is away for a while: every statement fails like on a connection that the server has closed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError, connection

SAID = "server closed the connection unexpectedly"


@contextmanager
def away(now: Callable[[], bool]) -> Iterator[None]:
    """While `now` says so. A test's own savepoints are let through, for they stand for transactions of the server's."""

    def execute(run: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if "SAVEPOINT" not in sql and now():
            raise OperationalError(SAID)
        return run(sql, params, many, context)

    with connection.execute_wrapper(execute):
        yield
