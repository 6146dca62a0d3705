"""A repository on GitHub: its deployments, their statuses, and those of its commits."""

import json
from typing import Any

from deployments.telling.forge.calling import Api
from deployments.telling.forge.notices import Made, Notice
from deployments.telling.forge.states import State
from deployments.telling.forge.troubles import Reach, Trouble

HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}

#: For the deployment, and for its commit: what has been live stays a good commit.
_WORDS = {
    State.QUEUED: ("queued", "pending"),
    State.IN_PROGRESS: ("in_progress", "pending"),
    State.LIVE: ("success", "success"),
    State.OVERTAKEN: ("inactive", "success"),
    State.TURNED_BACK: ("failure", "failure"),
    State.STOPPED: ("inactive", "error"),
    State.FAILED: ("error", "error"),
}
#: GitHub keeps so many statuses of a commit in one context, and takes no more.
_FULL = "maximum number of statuses"


class GitHub:
    def __init__(self, api: Api, repository: str) -> None:
        self._api = api
        self._repository = f"/repos/{repository}"

    @staticmethod
    def words(notice: Notice) -> tuple[str, str]:
        deployment, commit = _WORDS[notice.state]
        return deployment, commit if notice.is_newest else ""

    def create(self, notice: Notice) -> Made:
        """As it is: nothing is merged first, and what must be green on the commit was decided here."""
        said = self._api.post(
            f"{self._repository}/deployments",
            {
                "ref": notice.ref,
                "task": "deploy",
                "auto_merge": False,
                "required_contexts": [],
                "environment": notice.environment,
                "description": notice.description,
                "payload": {"tealgate": notice.key},
                "transient_environment": False,
                "production_environment": notice.is_production,
            },
        )
        return self._made(said)

    def find(self, notice: Notice, known: frozenset[str]) -> Made | None:
        query = {"environment": notice.environment, "ref": notice.ref, "per_page": "100"}
        for each in _listed(self._api.get(f"{self._repository}/deployments", **query)):
            if _payload(each).get("tealgate") == notice.key:
                return self._made(each)
        return None

    def tell(self, id: str, state: str, notice: Notice) -> None:
        """Others are made inactive by us, one by one: GitHub leaves those of production as they are."""
        body: dict[str, Any] = {
            "state": state,
            "description": notice.description,
            "log_url": notice.page,
            "auto_inactive": False,
        }
        if notice.address:
            body["environment_url"] = notice.address
        try:
            self._api.post(f"{self._repository}/deployments/{id}/statuses", body)
        except Trouble as trouble:
            self._deleted(trouble)
            raise

    def told(self, id: str) -> str:
        try:
            said = _listed(self._api.get(f"{self._repository}/deployments/{id}/statuses", per_page="1"))
        except Trouble as trouble:
            self._deleted(trouble)
            raise
        return str(said[0].get("state", "")) if said else ""

    def tell_commit(self, sha: str, state: str, notice: Notice) -> None:
        body = {
            "state": state,
            "context": notice.context,
            "description": notice.description,
            "target_url": notice.page,
        }
        try:
            self._api.post(f"{self._repository}/statuses/{sha}", body)
        except Trouble as trouble:
            if trouble.status != 422 or _FULL not in trouble.sentence:
                raise

    def commit_told(self, sha: str, notice: Notice) -> str:
        for each in _listed(self._api.get(f"{self._repository}/commits/{sha}/statuses", per_page="100")):
            if each.get("context") == notice.context:
                return str(each.get("state", "")) if each.get("target_url") == notice.page else ""
        return ""

    def _deleted(self, trouble: Trouble) -> None:
        """404 of a deployment where the repository is there: somebody has deleted it. Raises Trouble then."""
        if trouble.status != 404:
            return
        self._api.get(self._repository)
        sentence = f"Somebody deleted this deployment on {self._api.forge}, so nothing more is told of it there."
        raise Trouble(sentence, Reach.ONE, status=404, final=True) from trouble

    def _made(self, said: Any) -> Made:
        """GitHub answers 202 without an id when it merged instead, which it was told not to."""
        if not isinstance(said, dict) or not said.get("id"):
            raise Trouble(f"{self._api.forge} made no deployment and did not say why.", Reach.ONE, unsure=True)
        return Made(id=str(said["id"]), sha=str(said.get("sha", "")))


def _listed(said: Any) -> list[dict[str, Any]]:
    return [each for each in said if isinstance(each, dict)] if isinstance(said, list) else []


def _payload(deployment: dict[str, Any]) -> dict[str, Any]:
    """GitHub gives it back as it was sent, or as text."""
    payload = deployment.get("payload")
    if isinstance(payload, str):
        try:
            payload = json.loads(payload or "{}")
        except ValueError:
            return {}
    return payload if isinstance(payload, dict) else {}
