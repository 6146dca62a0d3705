"""People who look at Tealgate's pages meanwhile, and the load balancer that asks whether web is alive."""

import threading
import urllib.error
import urllib.request
from collections import Counter
from contextlib import suppress
from typing import Self

import httpx

from bench.clicks import Person
from tests.stack import Stack

EVERY = 1.0
#: nginx and load balancers give up then.
PATIENCE = 4.0
#: As many health checks in a row must fail before web is replaced: infra/terraform's number, and compose.yaml's.
MOST_FAILURES = 3


class Visitors:
    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._ends = threading.Event()
        self._threads = [threading.Thread(target=run, daemon=True) for run in (self._read_pages, self._ask_health)]
        self.pages: Counter[str] = Counter()
        self.health: Counter[str] = Counter()
        self._failed = 0
        self.wrong: list[str] = []
        #: so that what is not answered because web was killed is not counted as a fault
        self.web_is_down = threading.Event()

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        for thread in self._threads:
            thread.join()

    def _read_pages(self) -> None:
        """The board, signed in, once a second."""
        person: Person | None = None
        while not self._ends.wait(EVERY):
            try:
                person = person or Person(self._stack.url, "viewer").__enter__()
                status = person.look_at("/")
            except (httpx.HTTPError, RuntimeError):
                person, status = None, 0
            self.pages[str(status or "no answer")] += 1
            if status == 500:
                self.wrong.append("The board answered 500.")

    def _ask_health(self) -> None:
        while not self._ends.wait(EVERY):
            well = self._is_well()
            self.health["200" if well else "no answer"] += 1
            self._failed = 0 if well or self.web_is_down.is_set() else self._failed + 1
            if self._failed == MOST_FAILURES:
                self.wrong.append(f"{MOST_FAILURES} health checks of web in a row failed though it was not killed.")

    def _is_well(self) -> bool:
        with suppress(OSError), urllib.request.urlopen(self._stack.health_url, timeout=PATIENCE) as answer:
            return bool(answer.status == 200)
        return False
