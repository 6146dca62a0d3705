"""Whether a job on the forge that waits for a gate here may go on: values in, a verdict out.

What is not clear is not allowed: the job waits, and is told for what. It is turned away where waiting cannot help.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from deployments.vocabulary import ROLLING_BACK_STATUSES, TERMINAL_STATUSES, Status

#: GitHub itself fails a job that has waited for 30 days.
GIVEN_UP_AFTER = timedelta(days=29)


@dataclass(frozen=True, kw_only=True)
class Tried:
    """The newest deployment of the commit to the environment."""

    #: such as: 1.1.0 to shop/production
    name: str
    status: Status
    #: why it has this status
    reason: str
    finished_at: datetime | None
    #: whether it has ended well, and nothing else is live by now
    is_live: bool
    #: whether people have approved at all of its gates, and it has some
    is_approved: bool
    page: str


@dataclass(frozen=True, kw_only=True)
class Case:
    #: as the forge names it
    repository: str
    environment: str
    sha: str
    asked_at: datetime
    #: the application's environment in our words; "" = there is none
    place: str
    #: why there is none, or several
    unclear: str
    #: whether approvals do, or the release has to be live
    by_gates: bool
    #: releases of exactly this commit
    versions: tuple[str, ...]
    #: releases that were registered with the beginning of a commit, which is no proof
    shortened: tuple[str, ...]
    newest: Tried | None


@dataclass(frozen=True)
class Approved:
    comment: str


@dataclass(frozen=True)
class Rejected:
    comment: str


@dataclass(frozen=True)
class Waits:
    report: str


def judge(case: Case, now: datetime) -> Approved | Rejected | Waits:
    if case.unclear:
        return Rejected(case.unclear)
    if now - case.asked_at > GIVEN_UP_AFTER:
        return Rejected(f"Nobody let {case.sha[:7]} through to {case.place} for {GIVEN_UP_AFTER.days} days.")
    if not case.versions:
        return Waits(_unregistered(case))
    if case.newest is None:
        return Waits(f"{case.versions[0]} has not been deployed to {case.place}: request that in Tealgate.")
    return _by(case.newest, case)


def _by(tried: Tried, case: Case) -> Approved | Rejected | Waits:
    if tried.is_live:
        return Approved(f"{tried.name} is live: {tried.page}")
    if tried.status in TERMINAL_STATUSES:
        return _ended(tried, case)
    turns_back = tried.status in ROLLING_BACK_STATUSES or tried.status is Status.STOP_REQUESTED
    if case.by_gates and tried.is_approved and not turns_back:
        return Approved(f"{tried.name} was approved at all of its gates: {tried.page}")
    return Waits(f"{tried.name} decides, and is under way: {tried.page}")


def _ended(tried: Tried, case: Case) -> Rejected | Waits:
    """What was over before the job asked says nothing about it."""
    if tried.status is Status.SUCCESSFUL:
        return Waits(f"{tried.name} was live, and something else is by now. Deploy it again: {tried.page}")
    said = f"{tried.name} is {tried.status.label.lower()}"
    if tried.finished_at is not None and tried.finished_at >= case.asked_at:
        return Rejected(f"{said}: {tried.reason} {tried.page}")
    return Waits(f"{said} since before this job asked. Deploy it again: {tried.page}")


def _unregistered(case: Case) -> str:
    said = f"No release of commit {case.sha} is registered in Tealgate yet."
    if case.shortened:
        return f"{said} {case.shortened[0]} has only the beginning of it: register with all 40 digits."
    return said
