"""The repository that a row is about, ready to be asked, with the credentials of its connection."""

from collections.abc import Callable, Mapping
from datetime import datetime

from deployments.refused import Refused
from deployments.telling.forge.app_tokens import AppTokens
from deployments.telling.forge.calling import Api, Credentials
from deployments.telling.forge.github import HEADERS, GitHub
from deployments.telling.forge.gitlab import GitLab
from deployments.telling.forge.models import Forge, ForgeKind, ForgeRepository
from deployments.telling.forge.notices import Host
from deployments.telling.forge.troubles import Reach, Trouble


def api_of(forge: Forge, clock: Callable[[], datetime]) -> Api:
    """Raises Trouble, when what was sealed cannot be opened."""
    name = called(forge)
    return Api(forge=name, base=forge.api_url, credentials=_credentials(forge, name, clock), clock=clock)


def called(forge: Forge) -> str:
    """As sentences call it."""
    return "GitHub" if forge.is_github else "GitLab"


def host_of(repository: ForgeRepository, api: Api) -> Host:
    if repository.forge.is_github:
        return GitHub(api, repository.repository)
    return GitLab(api, repository.repository)


def _credentials(forge: Forge, name: str, clock: Callable[[], datetime]) -> Credentials:
    try:
        secret = forge.secret
    except Refused as refused:  # the key that sealed it is gone
        raise Trouble(refused.sentence, Reach.FORGE) from refused
    match ForgeKind(forge.kind):
        case ForgeKind.GITHUB_APP:
            return AppTokens(
                forge=name, base=forge.api_url, app=forge.app_id, installation=forge.installation_id, key=secret,
                clock=clock,
            )  # fmt: skip
        case ForgeKind.GITHUB_TOKEN:
            return _always({**HEADERS, "Authorization": f"Bearer {secret}"})
        case ForgeKind.GITLAB:
            return _always({"PRIVATE-TOKEN": secret})


def _always(headers: Mapping[str, str]) -> Credentials:
    return lambda fresh: headers
