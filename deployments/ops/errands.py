"""What the heartbeat has a worker do besides deployments: each is asked about once in a while, for all that is due."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from deployments.catalog import looking
from deployments.catalog.models import SelfRegistration
from deployments.delivery import at_once, queue
from deployments.delivery.models import PipelineAnswer, Tidying
from deployments.ops.alerts import certificates
from deployments.record import handed_on
from deployments.telling.forge import answering
from deployments.telling.forge import telling as forge
from deployments.telling.notifications.timing import passing


class Errand(NamedTuple):
    #: in `deployments.tasks`
    task: str
    #: between two questions whether it is due: no more often than somebody could take it up
    every: timedelta
    is_due: Callable[[datetime], bool]


ERRANDS = (
    Errand(
        "look_around",
        timedelta(seconds=5),
        lambda now: looking.due(now).exists() or Tidying.objects.due(now).exists(),
    ),
    Errand("tell_pipelines", timedelta(seconds=3), lambda now: PipelineAnswer.objects.due(now).exists()),
    Errand("tell_forges", timedelta(seconds=2), lambda now: answering.due(now) or forge.due(now)),
    Errand("tell_in_time", timedelta(seconds=5), passing.is_due),
    Errand(
        "register_releases",
        timedelta(seconds=3),
        lambda now: SelfRegistration.objects.due(now).exists() or at_once.waiting(),
    ),
    Errand("hand_on_what_was_missed", timedelta(minutes=1), lambda now: bool(handed_on.missed(now))),
    Errand("look_at_certificate", timedelta(minutes=1), certificates.is_due),
)


class Errands:
    """Remembers from look to look what it has asked about."""

    def __init__(self) -> None:
        self._asked: dict[str, datetime] = {}

    def ask(self, now: datetime) -> None:
        for errand in ERRANDS:
            last = self._asked.get(errand.task)
            if last and now - last < errand.every:
                continue
            if errand.is_due(now):
                queue.ask(errand.task)
            self._asked[errand.task] = now
