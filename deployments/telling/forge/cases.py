"""What is judged when a job asks: read from rows, as it is by now."""

from deployments.catalog.models import Environment, Release
from deployments.catalog.models.answering import AnsweredWhen
from deployments.delivery.models import Deployment
from deployments.delivery.pipelines.speaking import all_approved
from deployments.telling.forge import speaking
from deployments.telling.forge.judging import Case, Tried
from deployments.telling.forge.models import ForgeQuestion
from deployments.telling.forge.places import meant
from deployments.vocabulary import Status


def case_of(question: ForgeQuestion) -> tuple[Case, Deployment | None]:
    """With the deployment that it is judged by."""
    place = meant(question.forge, question.named, question.environment)
    newest = _newest(place.environment, question.sha) if place.environment else None
    case = Case(
        repository=question.named,
        environment=question.environment,
        sha=question.sha,
        asked_at=question.asked_at,
        place=str(place.environment or ""),
        unclear=place.unclear,
        by_gates=question.forge.answered_when == AnsweredWhen.GATES,
        versions=_versions(place.environment, question.sha),
        shortened=_shortened(place.environment, question.sha),
        newest=_tried(newest) if newest else None,
    )
    return case, newest


def _versions(environment: Environment | None, sha: str) -> tuple[str, ...]:
    rows = Release.objects.filter(application=environment.application, git_sha=sha) if environment else ()
    return tuple(release.version for release in rows)


def _shortened(environment: Environment | None, sha: str) -> tuple[str, ...]:
    """Anybody can make a commit that begins alike."""
    if environment is None:
        return ()
    beginnings = [sha[:length] for length in range(7, len(sha))]
    rows = Release.objects.filter(application=environment.application, git_sha__in=beginnings)
    return tuple(rows.values_list("version", flat=True))


def _newest(environment: Environment, sha: str) -> Deployment | None:
    rows = Deployment.objects.filter(environment=environment, release__git_sha=sha)
    return rows.select_related("environment__application", "release").order_by("-pk").first()


def _tried(deployment: Deployment) -> Tried:
    return Tried(
        name=str(deployment),
        status=Status(deployment.status),
        reason=deployment.status_reason,
        finished_at=deployment.finished_at,
        is_live=_is_live(deployment),
        is_approved=all_approved(deployment),
        page=speaking.page_of(deployment),
    )


def _is_live(deployment: Deployment) -> bool:
    """By its end, and by what is recorded as live there: others may have put something else since."""
    is_recorded = deployment.environment.live_release_id == deployment.release_id
    return deployment.status == Status.SUCCESSFUL and is_recorded and not speaking.is_overtaken(deployment)
