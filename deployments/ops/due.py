"""Which deployments are due, and which of them are looked at together."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from deployments.delivery.models import Deployment

#: Deployments of one account and cluster in one chunk share their reads; DescribeServices takes ten names.
CHUNK = 10


class Due(NamedTuple):
    #: with the time it was due: when that moves, it is due anew
    since: tuple[int, datetime]
    #: account and cluster
    place: tuple[str, str, str]


def due(now: datetime) -> list[Due]:
    place = ("environment__region", "environment__role_arn", "environment__cluster")
    rows = Deployment.objects.due(now).order_by(*place, "next_check_at")
    return [
        Due((pk, at), (region, role, cluster))
        for pk, at, region, role, cluster in rows.values_list("pk", "next_check_at", *place)
        if at is not None
    ]


def chunks(late: Iterable[Due]) -> Iterator[list[int]]:
    for _, same_place in groupby(late, key=lambda due: due.place):
        ids = [due.since[0] for due in same_place]
        for start in range(0, len(ids), CHUNK):
            yield ids[start : start + CHUNK]
