"""An environment that is deployed to again and again, by people who click at random."""

import random
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime

from bench.measuring import Cell
from bench.shop import Shop, now
from bench.soaking import doors
from bench.soaking.board import Board
from bench.soaking.people import People
from deployments.aws.errors import AwsError
from deployments.catalog.models import Environment, ReleaseImage
from deployments.delivery.models import Deployment
from deployments.refused import Refused
from deployments.vocabulary import Controller, DeploymentKind, Status
from tests.flows.traffic import Traffic

RATE = 8
#: The chance that somebody clicks at one turn.
LIKELY = 0.05
#: So long what the neighbour did may be seen: tasks start, drain, and are scaled up again.
DISTURBED_SECONDS = 30.0
#: What a sentence says that names him.
NAMED = re.compile(r"outside Tealgate|[Ss]ome(one|body)|another deployment|desired count of 0|not Tealgate's")
#: Not those that answer with 5xx on purpose: their answers could not be told from lost ones.
HARMLESS = ("1.0.0", "1.1.0", "1.3.0", "1.6.0")
#: Those that no environment has a reason to turn back.
GOOD = ("1.0.0", "1.1.0", "1.6.0")


def places(shop: Shop, choose: random.Random, clock: Callable[[], datetime] = now) -> "list[Place]":
    environments = Environment.objects.select_related("application").order_by("pk")
    ours = [each for each in environments if str(each) in doors.PORTS or each.controller == Controller.EXPRESS_MODE]
    return [Place(shop, each, choose, clock) for each in ours]


class Place:
    #: the chance that somebody asks for a deployment at one turn, where none is under way
    asks = 1.0
    releases: Sequence[str] = HARMLESS
    #: whether people ask for the kind of deployment that fits what is red
    looks_first = False
    #: how often the worker was killed so far
    killed: Callable[[], int] = staticmethod(lambda: 0)
    #: how likely people reject, stop and roll back, beside three for an approval
    turns_back = 1.0
    #: how long a deployment may take in all, with all its bad luck
    most_seconds = 420

    def __init__(
        self, shop: Shop, environment: Environment, choose: random.Random, clock: Callable[[], datetime]
    ) -> None:
        self._people = People.of(shop, clock)
        self.environment = environment
        self._choose = choose
        self.name = str(environment)
        self._door = doors.Door.of(shop, environment)
        self.traffic = Traffic(self._door.url, rate=RATE, host=self._door.host or None)
        self.wrong: list[str] = []
        self._ends: Counter[str] = Counter()
        self._current: Deployment | None = None
        self._began = 0.0
        self.board = Board(environment)
        #: when the neighbour last did something here, and the requests that were lost of his doing
        self._disturbed_at = -DISTURBED_SECONDS
        self._lost_before = 0
        self.lost_to_others = 0
        #: its tasks are, or it has none; until a release is deployed there
        self.is_sick = False
        #: of the deployments that have ended, by kind and end
        self.kinds: Counter[str] = Counter()
        #: when a deployment last was successful: monotonic
        self.mended_at = 0.0

    def disturbed(self) -> None:
        """Somebody else does something here."""
        self._disturbed_at = time.monotonic()

    @property
    def is_disturbed(self) -> bool:
        return self.is_sick or time.monotonic() - self._disturbed_at < DISTURBED_SECONDS

    def fell_ill(self) -> None:
        """What is lost until a release is deployed there is the illness's."""
        self.is_sick = True

    @property
    def lost(self) -> int:
        """Of our own doing."""
        self._account()
        return self.traffic.lost - self.lost_to_others

    @property
    def services(self) -> list[str]:
        of = self.environment
        return [name for name in (of.service, of.blue_service, of.green_service) if name]

    @property
    def repository(self) -> str:
        image = ReleaseImage.objects.filter(release__application=self.environment.application).first()
        return str(image.repository) if image else ""

    @property
    def rests(self) -> bool:
        return self._current is None

    @property
    def ended(self) -> int:
        """Deployments."""
        return sum(self._ends.values())

    @property
    def row(self) -> list[Cell]:
        ends = self._ends
        return [
            self.name,
            self.environment.controller,
            self.ended,
            ends[Status.SUCCESSFUL],
            ends[Status.ROLLBACK_SUCCESSFUL],
            ends[Status.STOPPED],
            ends[Status.ROLLBACK_FAILED] + ends[Status.FAILED],
            self.traffic.sent,
            self.lost,
            self.lost_to_others,
            self.board.looks,
            len(self.wrong),
        ]

    def look(self) -> None:
        """Whether the deployment under way has ended, and whether everything is as it must be then."""
        self._account()
        if self._current is None:
            self._look_at_the_board()
            return
        self._current.refresh_from_db()
        if not self._current.is_terminal:
            self.board.forget()
            if time.monotonic() - self._began > self.most_seconds:
                self.must_rest()
            return
        ended, self._current = self._current, None
        self._ends[ended.status] += 1
        self.kinds[f"{DeploymentKind(ended.kind).label}: {Status(ended.status).label.lower()}"] += 1
        print(f"{self.name} {ended.release.version} {ended.status}: {ended.status_reason}", flush=True)
        if _failed(ended) and not self._is_of_the_neighbour(ended):
            self._complain(ended, f"could not be rolled back: {ended.status_reason}")
        if ended.status == Status.SUCCESSFUL:
            self._mended()
        alone = self.asks == 1
        if alone or (ended.status == Status.SUCCESSFUL and not self.is_disturbed):
            self._compare(ended)

    def _mended(self) -> None:
        if self.is_sick:
            self.is_sick = False
            self._account()
        self.mended_at = time.monotonic()

    def _account(self) -> None:
        """What is lost while somebody else is at it is his."""
        lost = self.traffic.lost
        if self.is_disturbed:
            self.lost_to_others += lost - self._lost_before
        self._lost_before = lost

    def _look_at_the_board(self) -> None:
        if said := self.board.wrong(self.killed()):
            self.wrong.append(f"{self.name}: {said}")
            print(self.wrong[-1], flush=True)

    def _is_of_the_neighbour(self, ended: Deployment) -> bool:
        """Whether he was here, and the sentence names him."""
        began_before = self._disturbed_at >= self._began - DISTURBED_SECONDS
        return began_before and bool(NAMED.search(ended.status_reason))

    def click(self) -> None:
        if self._current is None:
            if self._choose.random() < self.asks:
                self._ask_or_find()
        elif self._choose.random() < LIKELY:
            back, people = self.turns_back, self._people
            ways: Sequence[tuple[Callable[[Deployment], object], float]] = (
                (people.approve, 3), (people.reject, back), (people.stop, back), (people.roll_back, back),
                (people.finish_now, 1),
            )  # fmt: skip
            clicks, weights = zip(*ways, strict=True)
            with suppress(Refused):  # people click what is no longer there
                self._choose.choices(clicks, weights)[0](self._current)

    def let_through(self) -> None:
        if self._current is not None:
            with suppress(Refused):
                self._people.approve(self._current)

    def mend(self) -> None:
        """By a release, where that is what it lacks."""
        if self.is_sick and self._current is None:
            self._ask_or_find()

    def must_rest(self) -> None:
        if self._current is not None:
            said = f"stands at {self._current.stage}: {self._current.waiting_for or self._current.status_reason}"
            self._complain(self._current, said)
            self._current = None

    def _ask_or_find(self) -> None:
        """One that was asked for while the database went away is found again."""
        unfinished = Deployment.objects.unfinished().select_related("release")
        self._current = unfinished.filter(environment=self.environment.pk).first()
        self._began = time.monotonic()
        if self._current is None:
            self._ask()

    def _ask(self) -> None:
        environment = Environment.objects.get(pk=self.environment.pk)
        offered = environment.application.releases.filter(version__in=self.releases).order_by("version")
        release = self._choose.choice([each for each in offered if each != environment.live_release])
        with suppress(Refused, AwsError):
            ask = self._people.ask_what_fits if self.looks_first else self._people.ask
            self._current = ask(environment, release)

    def _compare(self, ended: Deployment) -> None:
        """The board's word against five answers."""
        live = Environment.objects.select_related("live_release").get(pk=self.environment.pk).live_release
        answered = {self._door.version() for _ in range(5)}
        if live is None or answered != {live.version}:
            said = f"the board names {live and live.version}, production answers {', '.join(sorted(answered))}"
            self._complain(ended, said)

    def _complain(self, deployment: Deployment, said: str) -> None:
        sentence = (
            f"{self.name}, deployment {deployment.pk} of {deployment.release.version} ({deployment.status}): {said}"
        )
        self.wrong.append(sentence)
        print(sentence, flush=True)


def _failed(ended: Deployment) -> bool:
    """Where what was before has to work again; a repair and a first release may stay where they failed."""
    return ended.kind == DeploymentKind.NORMAL and ended.status in (Status.ROLLBACK_FAILED, Status.FAILED)
