"""What pages say of forges: of a connection, of an application, of a deployment."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlsplit

from deployments.catalog.models import Application
from deployments.delivery.models import Deployment
from deployments.telling.forge import speaking
from deployments.telling.forge.github import GitHub
from deployments.telling.forge.gitlab import GitLab
from deployments.telling.forge.hosts import called
from deployments.telling.forge.models import ForgeRepository, ForgeTelling


@dataclass(frozen=True, kw_only=True)
class ForgeView:
    """What a forge knows of a deployment."""

    #: GitHub or GitLab
    forge: str
    #: its state there, in the forge's words; "" = nothing yet
    knows: str
    told_at: datetime | None
    #: of its page there; "" = nobody can say
    link: str
    #: what else there is to know, in sentences
    said: str


def forge_view(deployment: Deployment) -> ForgeView | None:
    """None where no forge is told."""
    row = ForgeTelling.objects.filter(deployment=deployment).select_related("repository__forge").first()
    if row is not None:
        return ForgeView(
            forge=called(row.repository.forge), knows=row.told, told_at=row.told_at, said=_said(row, deployment),
            link=_link(row.repository, row.repository.theirs(deployment.environment.name)),
        )  # fmt: skip
    repository = ForgeRepository.objects.filter(application=deployment.environment.application_id).first()
    if repository is None:
        return None
    said = "Nothing is known of it there yet."
    if not deployment.release.git_sha:
        said = "It is told nothing, because the release was registered without its git commit."
    return ForgeView(forge=called(repository.forge), knows="", told_at=None, link=_link(repository, ""), said=said)


def repository_of(application: Application) -> ForgeRepository | None:
    return ForgeRepository.objects.filter(application=application).select_related("forge").first()


def sentences(repository: ForgeRepository) -> list[str]:
    """What keeps it from being told, and what to do; besides what its whole connection suffers from."""
    found = [repository.trouble]
    if repository.moved:
        found.append(
            f"{repository.repository} has another name by now, and {called(repository.forge)} sends on to it. Write "
            "the new name: that ends when somebody takes the old one."
        )
    return [sentence for sentence in found if sentence]


def _said(row: ForgeTelling, deployment: Deployment) -> str:
    if row.said:
        return f"Not told any more: {row.said}" if row.due_at is None else f"Not told yet: {row.said}"
    if row.repository.forge.trouble and row.due_at is not None:
        return f"Not told yet: {row.repository.forge.trouble}"
    row.deployment = deployment
    notice = speaking.notice_of(row)
    host = GitHub if row.repository.forge.is_github else GitLab
    wanted = host.words(notice)[0]
    return "" if wanted == row.told else f"To be told: {wanted}."


def _link(repository: ForgeRepository, environment: str) -> str:
    parts = urlsplit(repository.forge.api_url)
    if repository.repository.isdigit():
        return ""
    host = "github.com" if parts.netloc == "api.github.com" else parts.netloc
    where = f"{parts.scheme}://{host}/{repository.repository}"
    if repository.forge.is_github:
        return f"{where}/deployments/{quote(environment, safe='')}".rstrip("/")
    return f"{where}/-/environments"
