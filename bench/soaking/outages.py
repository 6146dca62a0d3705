"""What Tealgate leans on goes away and comes back, one thing after the other, each with and without a SIGTERM."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

from bench.soaking.household import Household
from bench.soaking.surroundings import Surroundings
from bench.soaking.visitors import Visitors
from bench.soaking.watching import Watching

#: Between two outages, in seconds.
CALM = (5.0, 12.0)
#: A short one is over before anybody could be asked to end in it.
SHORT, LONG, HANGING = 1.0, 20.0, 15.0
#: Longer than the credentials last and than a look may be late.
CREDENTIALS_AWAY, WORKER_AWAY = 40.0, 35.0
STEP_SECONDS = 90
#: Whoever has not looked by then after an outage is waited for no longer.
LATEST_LOOK = 60.0


@dataclass
class Told:
    """Of one kind of outage."""

    times: int = 0
    with_sigterm: int = 0
    #: seconds from its end until somebody looked at a deployment
    looked_after: list[float] = field(default_factory=list)


class Outages:
    """`with Outages(…) as outages:` they happen in a thread of their own until the block ends."""

    def __init__(
        self, around: Surroundings, household: Household, visitors: Visitors, watching: Watching, choose: random.Random
    ) -> None:
        self._around, self._household, self._visitors = around, household, visitors
        self._watching, self._choose = watching, choose
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._passwords = 0
        self._sigterm: Counter[str] = Counter()
        self.told: dict[str, Told] = {}
        self.trouble: BaseException | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._thread.join()

    @property
    def kinds(self) -> dict[str, Callable[[bool], None]]:
        """Each is over when it returns; told whether the worker is asked to end in it."""
        steps = {"the clock is set forward": self._clock_forward, "the clock is set back": self._clock_back}
        return {
            "the database is gone for 1 s": lambda sigterm: self._database_gone(SHORT, sigterm),
            "the database is gone for 20 s": lambda sigterm: self._database_gone(LONG, sigterm),
            "the database hangs": self._database_hangs,
            "all connections to the database are dropped": self._connections_dropped,
            "the database's password is rotated": self._password_rotated,
            "Redis is gone": self._redis_gone,
            "Redis hangs": self._redis_hangs,
            "the credentials' endpoint answers 500": self._credentials_away,
            "kill -9 of the worker, started at once": lambda sigterm: self._worker_killed(0),
            "kill -9 of the worker, away for 35 s": lambda sigterm: self._worker_killed(WORKER_AWAY),
            "the worker stands still for 35 s": lambda sigterm: self._worker_stands_still(),
            "kill -9 of the web": lambda sigterm: self._web_killed(sigterm),
            **(steps if self._around.clock.can_be_set else {}),
        }

    def _run(self) -> None:
        try:
            while not self._ends.is_set():
                for kind in self._choose.sample(sorted(self.kinds), len(self.kinds)):
                    self._household.tend(self._choose.uniform(*CALM))
                    if self._ends.is_set():
                        break
                    self._happen(kind)
            self._household.both_answer()
        except BaseException as error:  # told by whoever waits for the end
            self.trouble = error

    def _happen(self, kind: str) -> None:
        told = self.told.setdefault(kind, Told())
        sigterm = "worker" not in kind and (told.times + len(kind)) % 2 == 1  # every other time
        began = time.strftime("%H:%M:%S")
        self.kinds[kind](sigterm)
        over = time.monotonic()
        told.times += 1
        told.with_sigterm += sigterm
        looked = self._looked_after(over)
        print(f"    {began} {kind}{', SIGTERM' if sigterm else ''}; looked again after {looked or LATEST_LOOK:.1f} s")
        told.looked_after.append(LATEST_LOOK if looked is None else looked)

    def _looked_after(self, moment: float) -> float | None:
        """Seconds until somebody looked at any deployment; None when nobody had one under way, or nobody looked."""
        while (looked := self._watching.first_look_after(moment)) is None and time.monotonic() - moment < LATEST_LOOK:
            self._household.tend(SHORT)
        return looked

    def _for(self, seconds: float, sigterm: bool, during: str) -> None:
        """Let it be so; the worker is asked to end in the middle."""
        self._household.tend(seconds / 2)
        if sigterm:
            self._household.terminate_worker(during)
        self._household.tend(seconds / 2)

    def _database_gone(self, seconds: float, sigterm: bool) -> None:
        self._around.server.stop()
        try:
            self._for(seconds, sigterm, "the database is gone")
        finally:
            self._around.server.start()

    def _database_hangs(self, sigterm: bool) -> None:
        self._around.server.freeze()
        try:
            self._for(HANGING, sigterm, "the database hangs")
        finally:
            self._around.server.thaw()

    def _connections_dropped(self, sigterm: bool) -> None:
        self._around.server.ask(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
            "AND backend_type = 'client backend'",
            self._password,
        )
        self._for(0, sigterm, "connections are dropped")

    def _password_rotated(self, sigterm: bool) -> None:
        old, self._passwords = self._password, self._passwords + 1
        self._around.server.set_password(self._password, old)
        self._for(SHORT, sigterm, "the password is rotated")
        self._around.database.anew(self._around.server.address(self._password))
        half = self._around.address.with_suffix(".half")
        half.write_text(self._around.database.url)
        half.replace(self._around.address)

    @property
    def _password(self) -> str:
        """ "" for the first one."""
        return f"the-password-after-it-{self._passwords}" if self._passwords else ""

    def _redis_gone(self, sigterm: bool) -> None:
        self._around.redis.kill()
        try:
            self._for(LONG, sigterm, "Redis is gone")
        finally:
            self._around.redis.start()

    def _redis_hangs(self, sigterm: bool) -> None:
        self._around.redis.freeze()
        try:
            self._for(HANGING, sigterm, "Redis hangs")
        finally:
            self._around.redis.thaw()

    def _credentials_away(self, sigterm: bool) -> None:
        self._around.credentials.away.set()
        try:
            self._for(CREDENTIALS_AWAY, sigterm, "the credentials' endpoint answers 500")
        finally:
            self._around.credentials.away.clear()

    def _worker_killed(self, away: float) -> None:
        self._household.kill("worker", away)

    def _worker_stands_still(self) -> None:
        self._household.stand_still("worker", WORKER_AWAY)

    def _web_killed(self, sigterm: bool) -> None:
        self._visitors.web_is_down.set()
        try:
            self._household.kill("web")
            self._for(LONG / 2, sigterm, "web starts")
        finally:
            self._visitors.web_is_down.clear()

    def _clock_forward(self, sigterm: bool) -> None:
        self._around.clock.step(STEP_SECONDS)
        self._for(LONG, sigterm, "the clock was set forward")

    def _clock_back(self, sigterm: bool) -> None:
        self._around.clock.step(-STEP_SECONDS)
        self._for(LONG, sigterm, "the clock was set back")
