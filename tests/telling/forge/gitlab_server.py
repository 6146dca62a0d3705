"""GitLab on loopback: a project, its deployments, and which states follow which."""

import re
from datetime import datetime
from typing import Any

from tests.telling.forge.server import Answer, Clock, Forge, Refusal, ok

TOKEN = "glpat-0123456789abcdef"  # noqa: S105
_PROJECT = re.compile(r"/api/v4/projects/(?:shop%2Fweb%2Fstorefront|17)(/.*|)")


class GitLab(Forge):
    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self.role = "Developer"
        self.deployments: dict[int, dict[str, Any]] = {}
        #: of each deployment, the oldest first
        self.states: dict[int, list[str]] = {}

    def answered(self, method: str, path: str, query: dict[str, str], body: Any, headers: Any) -> Answer:
        if headers.get("PRIVATE-TOKEN") != TOKEN:
            raise Refusal(401, "401 Unauthorized")
        found = _PROJECT.fullmatch(path)
        if found is None:
            raise Refusal(404, "404 Project Not Found")
        match method, found[1].strip("/").split("/"):
            case "GET", [""]:
                return ok({"id": 17, "default_branch": "trunk"})
            case "POST", ["deployments"]:
                return self._made(body)
            case "GET", ["deployments"]:
                rows = [each for each in self.deployments.values() if each["environment"] == query["environment"]]
                return ok(sorted(rows, key=lambda each: -each["id"]))
            case "GET", ["deployments", number]:
                return ok(self._deployment(number))
            case "PUT", ["deployments", number]:
                return self._told(self._deployment(number), body["status"])
        raise Refusal(404, "404 Not Found")

    def _made(self, body: Any) -> Answer:
        if self.role != "Developer":
            raise Refusal(403, "403 Forbidden")
        missing = [name for name in ("environment", "sha", "ref", "tag", "status") if name not in body]
        if missing:
            raise Refusal(400, f"{missing[0]} is missing")
        number = 500 + len(self.deployments)
        now: datetime = self._clock()
        self.deployments[number] = {**body, "id": number, "created_at": f"{now:%Y-%m-%dT%H:%M:%S.000Z}"}
        self.states[number] = [body["status"]]
        return ok(self.deployments[number], 201)

    def _deployment(self, number: str) -> dict[str, Any]:
        if int(number) not in self.deployments:
            raise Refusal(404, "404 Not found")
        return self.deployments[int(number)]

    def _told(self, row: dict[str, Any], status: str) -> Answer:
        if status not in ("running", "success", "failed", "canceled"):
            raise Refusal(400, "status does not have a valid value")
        if status == row["status"]:
            raise Refusal(400, f'Status cannot transition via "{status}"')
        row["status"] = status
        self.states[row["id"]].append(status)
        return ok(row)
