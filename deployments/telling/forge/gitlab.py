"""A project on GitLab: the deployments of its environments."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from deployments.telling.forge.calling import Api
from deployments.telling.forge.notices import Made, Notice
from deployments.telling.forge.states import State
from deployments.telling.forge.troubles import Reach, Trouble

#: GitLab shows the newest success of an environment as what is there: nothing is told of what that overtook.
_WORDS = {
    State.QUEUED: "running",
    State.IN_PROGRESS: "running",
    State.LIVE: "success",
    State.OVERTAKEN: "success",
    State.TURNED_BACK: "failed",
    State.STOPPED: "canceled",
    State.FAILED: "failed",
}
#: So far may GitLab's clock be from ours.
_CLOCKS = timedelta(minutes=5)


class GitLab:
    def __init__(self, api: Api, project: str) -> None:
        """`project`: its number, or its path."""
        self._api = api
        self._project = f"/projects/{quote(project, safe='')}"

    @staticmethod
    def words(notice: Notice) -> tuple[str, str]:
        return _WORDS[notice.state], ""

    def create(self, notice: Notice) -> Made:
        """GitLab wants a branch beside the commit: the project's own."""
        project = self._api.get(self._project)
        branch = project.get("default_branch") if isinstance(project, dict) else ""
        status = _WORDS[notice.state]
        body = {
            "environment": notice.environment,
            "sha": notice.ref,
            "ref": branch or "main",
            "tag": False,
            "status": status,
        }
        return self._made(self._api.post(f"{self._project}/deployments", body))

    def find(self, notice: Notice, known: frozenset[str]) -> Made | None:
        """It keeps no word of ours: the one of the same commit that came after we began, and is nobody else's."""
        query = {"environment": notice.environment, "order_by": "id", "sort": "desc", "per_page": "20"}
        said = self._api.get(f"{self._project}/deployments", **query)
        for each in said if isinstance(said, list) else ():
            if _is_it(each, notice) and str(each.get("id")) not in known:
                return self._made(each)
        return None

    def tell(self, id: str, state: str, notice: Notice) -> None:
        """It refuses a state that it has already."""
        try:
            self._api.put(f"{self._project}/deployments/{id}", {"status": state})
        except Trouble as trouble:
            if trouble.status == 404:
                self._api.get(self._project)
                sentence = f"Somebody deleted this deployment on {self._api.forge}: nothing more is told of it there."
                raise Trouble(sentence, Reach.ONE, status=404, final=True) from trouble
            if trouble.status != 400 or self.told(id) != state:
                raise

    def told(self, id: str) -> str:
        said = self._api.get(f"{self._project}/deployments/{id}")
        return str(said.get("status", "")) if isinstance(said, dict) else ""

    def tell_commit(self, sha: str, state: str, notice: Notice) -> None:
        """Its pipelines show what a commit came to; `words` names no state for it."""

    def commit_told(self, sha: str, notice: Notice) -> str:
        return ""

    def _made(self, said: Any) -> Made:
        if not isinstance(said, dict) or not said.get("id"):
            raise Trouble(f"{self._api.forge} made no deployment and did not say why.", Reach.ONE, unsure=True)
        return Made(id=str(said["id"]), sha=str(said.get("sha", "")), told=str(said.get("status", "")))


def _is_it(each: Any, notice: Notice) -> bool:
    if not isinstance(each, dict) or notice.begun_at is None:
        return False
    created = _time(str(each.get("created_at", "")))
    return str(each.get("sha", "")).startswith(notice.ref) and created is not None and (
        created >= notice.begun_at - _CLOCKS
    )  # fmt: skip


def _time(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
