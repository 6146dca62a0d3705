"""Whether requests stopped coming to a release: minutes without any, beside those of the others and of its own past."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from deployments.aws.values import Traffic
from deployments.evidence.values import Finding
from deployments.evidence.watched import Watched
from deployments.words import counted

#: So long nobody may come before it is said, and so long CloudWatch may take to tell of it.
QUIET = timedelta(minutes=3)
LAG = timedelta(minutes=2)
#: So many would have to come in that time: fewer can be missing by chance.
FEWEST = 20


def found(watched: Watched, traffic: Mapping[str, Traffic]) -> tuple[Finding, ...]:
    """Against it when the others got their share meanwhile; else it is noted, for clients may just be gone."""
    release = traffic.get(watched.release)
    if release is None or release.until is None or watched.since is None:
        return ()
    end = release.until - LAG
    begin = end - QUIET
    if watched.since > begin or _between(release, begin, release.until):
        return ()
    enough = max(watched.settings.min_requests, FEWEST)
    none = f"got no request for {QUIET.seconds // 60} min"
    others = {side: _between(each, begin, end) for side, each in traffic.items() if side != watched.release}
    if _expected(sum(others.values()), watched.percent) >= enough:
        shown = " and ".join(
            f"{watched.named(side)} got {counted(count, 'request')}" for side, count in others.items() if count
        )
        return (Finding(side=watched.release, against=f"{none}, in which {shown}"),)
    if watched.since <= begin - QUIET and _was_steady(release, begin - QUIET, begin, enough):
        before = counted(_between(release, begin - QUIET, begin), "request")
        return (Finding(side=watched.release, noted=f"{none}, after {before} in as long before"),)
    return ()


def _expected(others: int, percent: float) -> float:
    return others * percent / (100 - percent) if 0 < percent < 100 else 0


def _was_steady(release: Traffic, begin: datetime, end: datetime, enough: int) -> bool:
    busy = [at for at, count in release.minutes.items() if begin <= at < end and count]
    return len(busy) >= QUIET.seconds // 60 and _between(release, begin, end) >= enough


def _between(traffic: Traffic, begin: datetime, end: datetime) -> int:
    return sum(count for at, count in traffic.minutes.items() if begin <= at < end)
