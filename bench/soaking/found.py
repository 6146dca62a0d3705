"""What the database says in the end of all that was deployed: who turned back unasked, and which gaps are written."""

from collections import defaultdict
from datetime import datetime

from bench.soaking.watching import Gap, Watching, gaps, unwritten
from deployments.delivery.models import Deployment
from deployments.record.kinds import Kind
from deployments.record.models import Event
from deployments.vocabulary import TERMINAL_STATUSES, Status

#: What people do to have one turned back.
ASKED = (Kind.DEPLOYMENT_STOP_REQUESTED, Kind.DEPLOYMENT_ROLLBACK_REQUESTED, Kind.GATE_REJECTED)


class Found:
    def __init__(self, watching: Watching) -> None:
        self.gaps: list[Gap] = [gap for pk, looks in watching.looks.items() for gap in gaps(pk, looks)]
        self._written: dict[int, list[datetime]] = defaultdict(list)
        for pk, at in Event.objects.filter(kind=Kind.DEPLOYMENT_UNWATCHED).values_list("deployment", "at"):
            self._written[pk].append(at)
        self.unwritten = unwritten(self.gaps, self._written)
        asked = Event.objects.filter(kind__in=ASKED).values("deployment")
        ended = Deployment.objects.filter(status__in=TERMINAL_STATUSES - {Status.SUCCESSFUL})
        ended = ended.select_related("environment", "release")
        self.turned_back = list(ended.exclude(pk__in=asked).order_by("pk"))

    @property
    def written(self) -> int:
        return sum(map(len, self._written.values()))

    @property
    def wrong(self) -> list[str]:
        return [
            *(
                f"Nobody looked at deployment {gap.deployment} for {gap.seconds:.0f} s, until {gap.ended:%H:%M:%S}, "
                "and its log does not say so."
                for gap in self.unwritten
            ),
            *(
                f"{each.environment}, deployment {each.pk} of {each.release.version} ended as {each.status}, and "
                f"nobody asked it to: {each.status_reason}"
                for each in self.turned_back
            ),
        ]
