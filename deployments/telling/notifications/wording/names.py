"""What a message calls a deployment, its places on this site, and moments."""

from datetime import UTC, datetime

from deployments.delivery.models import Deployment, Gate
from deployments.telling.notifications import plain
from deployments.words import duration_words

#: lines of a release's notes, and characters of each
MOST_NOTES, _LONGEST_NOTE = 12, 300


def what(deployment: Deployment) -> str:
    """Such as "storefront 1.4.2"."""
    return f"{deployment.environment.application.slug} {deployment.release.version}"


def where(deployment: Deployment) -> str:
    """The environment, such as "production"."""
    return deployment.environment.name


def place(deployment: Deployment) -> str:
    """Such as storefront/production."""
    return str(deployment.environment)


def before(deployment: Deployment) -> str:
    """The version that was live; "" where Tealgate knows of none."""
    return deployment.source_release.version if deployment.source_release else ""


def of_deployment(deployment: Deployment) -> str:
    """A worker has no addresses to look it up in."""
    return f"/deployments/deployment/{deployment.pk}/change/"


def of_gate(gate: Gate) -> str:
    return f"/deployments/gate/{gate.pk}/change/"


def moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def left(at: datetime, now: datetime) -> str:
    """Until then, such as "23 h 59 min"."""
    return duration_words((at - now).total_seconds())


def typed(deployment: Deployment) -> tuple[str, ...]:
    """What people wrote, as messages hold it."""
    return (deployment.requester, before(deployment), deployment.reason)


def notes(text: str) -> list[str]:
    """The lines of a release's, each as long as a message holds it."""
    return [plain.cut(line.strip(), _LONGEST_NOTE) for line in text.splitlines() if line.strip()]


def asked(deployment: Deployment) -> tuple[tuple[str, str], ...]:
    """Who wants it and why, as facts."""
    return (("Asked by", deployment.requester), ("Reason", deployment.reason))
