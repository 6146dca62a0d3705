"""GitHub on loopback: who asks, what their app may, and what is kept of deployments, statuses and waiting jobs."""

import hashlib
import re
from datetime import timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.telling.forge.server import Answer, Clock, Forge, Refusal, ok

APP, INSTALLATION = "4711", "812"
STATES = ("error", "failure", "inactive", "in_progress", "queued", "pending", "success")
COMMIT_STATES = ("error", "failure", "pending", "success")
_REPOSITORY = re.compile(r"/repos/([^/]+/[^/]+)(/.*|)|/repositories/(\d+)(/.*|)")


def key_pair() -> tuple[str, str]:
    """PEM: private, public."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


class GitHub(Forge):
    def __init__(self, public_key: str, clock: Clock) -> None:
        super().__init__()
        self._public_key, self._clock = public_key, clock
        self.permissions = {"deployments": "write", "statuses": "write", "actions": "read"}
        #: name to id; a name that moved leads to its id
        self.repositories = {"shop/storefront": 99}
        self.moved: dict[str, int] = {}
        self.tokens: dict[str, Any] = {}
        self.fine_grained = ""
        self.deployments: dict[int, dict[str, Any]] = {}
        self.statuses: dict[int, list[dict[str, Any]]] = {}
        self.commit_statuses: dict[str, list[dict[str, Any]]] = {}
        self.commits: set[str] = set()
        #: by run and environment: what waits there, and how it was reviewed
        self.waiting: dict[tuple[int, str], list[dict[str, Any]]] = {}
        self.reports: list[str] = []

    def states(self, number: int = 1) -> list[str]:
        """Of a deployment, the oldest first."""
        return [status["state"] for status in self.statuses[number]]

    def commit_states(self, sha: str) -> list[str]:
        return [status["state"] for status in self.commit_statuses.get(sha, [])]

    def answered(self, method: str, path: str, query: dict[str, str], body: Any, headers: Any) -> Answer:
        said = headers.get("Authorization", "").removeprefix("Bearer ")
        if path == f"/app/installations/{INSTALLATION}/access_tokens":
            return self._exchanged(said)
        if path.startswith("/app/installations/"):
            raise Refusal(404, "Not Found")
        self._knows(said)
        found = _REPOSITORY.fullmatch(path)
        if found is None:
            raise Refusal(404, "Not Found")
        name, rest, number, more = found.groups()
        if name in self.moved:
            moved = f"{self.base}/repositories/{self.moved[name]}{rest}"
            return 301 if method == "GET" else 307, {"message": "Moved Permanently", "url": moved}, {"Location": moved}
        if name and name not in self.repositories:
            raise Refusal(404, "Not Found")
        if number and int(number) not in self.repositories.values():
            raise Refusal(404, "Not Found")
        return self._in_repository(method, rest if name else more, query, body)

    def _exchanged(self, said: str) -> Answer:
        """As documented: signed by the app's key, made in the past, good for ten minutes at most."""
        try:
            claims = jwt.decode(
                said, self._public_key, algorithms=["RS256"], options={"verify_exp": False, "verify_iat": False}
            )
        except jwt.PyJWTError as error:
            raise Refusal(401, "A JSON web token could not be decoded") from error
        now = self._clock().timestamp()
        if claims["iss"] != APP:
            raise Refusal(401, "Integration not found")
        if claims["iat"] > now:
            raise Refusal(401, "'Issued at' claim ('iat') must be an Integer in the past")
        if not now < claims["exp"] <= now + 600:
            raise Refusal(401, "'Expiration time' claim ('exp') is too far in the future")
        token = "ghs_" + hashlib.sha256(f"{len(self.tokens)}".encode()).hexdigest()[:36]
        self.tokens[token] = until = self._clock() + timedelta(hours=1)
        return ok({"token": token, "expires_at": f"{until:%Y-%m-%dT%H:%M:%SZ}"}, 201)

    def _knows(self, said: str) -> None:
        good = said in self.tokens and self._clock() < self.tokens[said]
        if not good and not (said and said == self.fine_grained):
            raise Refusal(401, "Bad credentials")

    def _may(self, what: str, how: str = "write") -> None:
        granted = self.permissions.get(what)
        if granted is None or (how == "write" and granted != "write"):
            raise Refusal(403, "Resource not accessible by integration")

    def _in_repository(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        match method, path.strip("/").split("/"):
            case "GET", [""]:
                return ok({"id": 99, "full_name": "shop/storefront"})
            case "POST", ["deployments"]:
                self._may("deployments")
                return self._made(body)
            case "GET", ["deployments"]:
                rows = [each for each in self.deployments.values() if each["environment"] == query["environment"]]
                return ok(sorted(rows, key=lambda each: -each["id"]))
            case "POST", ["deployments", number, "statuses"]:
                self._may("deployments")
                return self._told(self._deployment(number), body)
            case "GET", ["deployments", number, "statuses"]:
                return ok(self.statuses[self._deployment(number)][::-1][: int(query["per_page"])])
            case "POST", ["statuses", sha]:
                self._may("statuses")
                return self._commit_told(sha, body)
            case "GET", ["commits", sha, "statuses"]:
                return ok(self.commit_statuses.get(sha, [])[::-1])
            case "POST", ["actions", "runs", run, "deployment_protection_rule"]:
                self._may("deployments")
                return self._reviewed(int(run), body)
            case "GET", ["actions", "runs", run, "pending_deployments"]:
                self._may("actions", "read")
                names = [name for (its, name), reviews in self.waiting.items() if its == int(run) and not reviews]
                return ok([{"environment": {"name": name}} for name in names])
        raise Refusal(404, "Not Found")

    def _deployment(self, number: str) -> int:
        if int(number) not in self.deployments:
            raise Refusal(404, "Not Found")
        return int(number)

    def _made(self, body: Any) -> Answer:
        if body["ref"] not in self.commits:
            raise Refusal(422, f"No ref found for: {body['ref']}")
        if body.get("auto_merge", True):
            raise Refusal(409, "Conflict merging main into it.")
        if body.get("required_contexts") is None:
            raise Refusal(409, "Conflict: Commit status checks failed.")
        number = len(self.deployments) + 1
        row = {**body, "id": number, "sha": body["ref"]}
        self.deployments[number], self.statuses[number] = row, []
        return ok(row, 201)

    def _told(self, number: int, body: Any) -> Answer:
        if body["state"] not in STATES or len(body["description"]) > 140:
            raise Refusal(422, "Validation Failed")
        self.statuses[number].append(body)
        return ok(body, 201)

    def _commit_told(self, sha: str, body: Any) -> Answer:
        if body["state"] not in COMMIT_STATES or len(body["description"]) > 140 or len(sha) != 40:
            raise Refusal(422, "Validation Failed")
        self.commit_statuses.setdefault(sha, []).append(body)
        return ok(body, 201)

    def _reviewed(self, run: int, body: Any) -> Answer:
        reviews = self.waiting.get((run, body["environment_name"]))
        if reviews is None or reviews:
            raise Refusal(422, "No pending custom deployment protection rule")
        if "state" not in body:
            self.reports.append(body["comment"])
            if len(self.reports) > 10:
                raise Refusal(422, "Too many reports")
            return ok(None, 204)
        if body["state"] not in ("approved", "rejected"):
            raise Refusal(422, "Validation Failed")
        reviews.append(body)
        return ok(None, 204)
