"""What is to be known of a deployment outside, read from its rows."""

from django.conf import settings

from deployments.delivery.models import Deployment
from deployments.telling.forge.models import ForgeTelling
from deployments.telling.forge.notices import LONGEST_DESCRIPTION, Notice
from deployments.telling.forge.states import State, state_of
from deployments.vocabulary import Status
from deployments.words import stage_label


def notice_of(row: ForgeTelling) -> Notice:
    deployment = row.deployment
    environment = deployment.environment
    state = state_of(Status(deployment.status), overtaken=is_overtaken(deployment))
    return Notice(
        key=deployment.key,
        ref=deployment.release.git_sha,
        environment=row.repository.theirs(environment.name),
        is_production=_is_last(deployment),
        state=state,
        is_newest=_is_newest(deployment),
        description=_sentence(deployment, state)[:LONGEST_DESCRIPTION],
        page=page_of(deployment),
        address=environment.production_url,
        context=f"tealgate/{environment.name}",
        begun_at=row.begun_at,
    )


def page_of(deployment: Deployment) -> str:
    """A worker has no addresses to look it up in."""
    return f"{settings.SITE_URL.rstrip('/')}/deployments/deployment/{deployment.pk}/change/"


def is_overtaken(deployment: Deployment) -> bool:
    """Whether what was live by it is so no more."""
    if deployment.environment.retired_at:
        return True
    later = Deployment.objects.filter(environment=deployment.environment_id, status=Status.SUCCESSFUL)
    return later.filter(pk__gt=deployment.pk).exists()


def _is_newest(deployment: Deployment) -> bool:
    """Of its release there: of two the newer one says what the commit came to."""
    same = Deployment.objects.filter(environment=deployment.environment_id, release=deployment.release_id)
    return not same.filter(pk__gt=deployment.pk).exists()


def _is_last(deployment: Deployment) -> bool:
    """Whether no release goes on from there."""
    mine = deployment.environment
    others = mine.application.environments.filter(retired_at=None, rank__gt=mine.rank)
    return not others.exists()


def _sentence(deployment: Deployment, state: State) -> str:
    version = deployment.release.version
    match state:
        case State.QUEUED:
            return f"{version} was requested by {deployment.requester}."
        case State.IN_PROGRESS:
            return f"{version} is on its way: {stage_label(deployment.stage)}."
        case State.LIVE:
            return f"{version} is live."
        case State.OVERTAKEN:
            return f"{version} was live, and is so no more."
    return f"{version} is {Status(deployment.status).label.lower()}: {deployment.status_reason}"
