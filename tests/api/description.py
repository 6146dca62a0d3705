"""The OpenAPI description as tests walk it: every call, what it takes, and whether an answer is as it says."""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from django.test import Client
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # comes with the sandbox's moto

from deployments.api import door
from deployments.api.problems import TYPE
from tests.api.conftest import ECR
from tests.delivery import stages
from tests.delivery.engine.world import World

#: What is in a body of each kind, by the name of its schema.
BODIES: Mapping[str, Mapping[str, Any]] = {
    "Register": {"version": "7.7", "images": {"web": f"{ECR}:1.4"}, "notes": "Faster"},
    "Ask": {"version": "1.1.0", "reason": "merged"},
    "Lock": {"message": "freeze"},
    "Why": {"reason": "tests failed"},
    "Longer": {"minutes": 5},
    "GoOn": {"unproven": True},
    "Nothing": {},
    "Show": {"id_token": "e30.e30.e30"},
    "Decide": {"comment": "looked at it"},
    "SignIn": {"client": "tealgate on a-laptop"},
    "Fetch": {"device_code": "x"},
}


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    told: Mapping[str, Any]
    known: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path.removeprefix('/api/v1')}"

    @property
    def taken(self) -> list[tuple[str, str]]:
        """Where and how it is called."""
        return [(each["in"], each["name"]) for each in self.told.get("parameters", ())]

    @property
    def takes(self) -> str:
        """The schema of its body; "" where none is taken."""
        found = re.search("schemas/(\\w+)", json.dumps(self.told.get("requestBody", {})))
        return found[1] if found else ""

    @property
    def fields(self) -> Collection[str]:
        return tuple(self.known["schemas"][self.takes].get("properties", ()))

    @property
    def body(self) -> Mapping[str, Any] | None:
        """A good one; None where none is taken."""
        return BODIES[self.takes] if self.takes else None

    def address(self, shop: "Shop", query: Mapping[str, Any] | None = None, **others: str) -> str:
        """Of what is there; `others`: what stands in it instead."""
        named = {"slug": "shop", "name": "production", "version": "1.1.0"}
        named["pk"] = str(shop.gate if "/gates/" in self.path else shop.deployment)
        asked = {"version": "1.1.0"} if self.path.endswith("/preview") else {}
        path = self.path.format(**{name: quote(word, safe="") for name, word in (named | others).items()})
        return f"{path}?{urlencode(query if query is not None else asked)}"

    def sent(self, client: Client, address: str, body: Any = None, **headers: str) -> Any:
        """`body`: bytes as they are, anything else as JSON; without one the good one."""
        body = self.body if body is None else body
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        kind = headers.pop("Content_Type", "application/json")
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return client.generic(self.method.upper(), address, data, kind, headers=named)

    def said(self, status: int) -> Mapping[str, Any] | None:
        """Of answers with this status; None where none are."""
        told = self.told["responses"]
        said: Mapping[str, Any] | None = told.get(status) or told.get(f"{status // 100}XX")
        name = said.get("$ref", "").rpartition("/")[2] if said else ""
        return self.known["responses"][name] if name else said

    def untrue(self, answer: Any) -> str:
        """What the answer is otherwise than described; "" when it is as described."""
        said = self.said(answer.status_code)
        if said is None:
            return f"{answer.status_code} is not described"
        if answer.status_code == 304:
            return str(answer.content.decode())
        kind = answer.headers["Content-Type"].partition(";")[0]
        if kind not in said["content"] or (answer.status_code >= 400) is not (kind == TYPE):
            return f"{answer.status_code} is {kind}"
        schema = {**said["content"][kind]["schema"], "components": self.known}
        wrong = Draft202012Validator(schema).iter_errors(json.loads(answer.content))
        return "; ".join(f"{error.json_path}: {error.message[:200]}" for error in wrong)


def calls() -> Iterator[Call]:
    told = json.loads(json.dumps(door.api.get_openapi_schema()), object_hook=_with_numbers)
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            yield Call(method, path, operation, told["components"])


def _with_numbers(members: dict[str, Any]) -> dict[Any, Any]:
    """JSON has no numbers as names."""
    return {int(name) if name.isdecimal() else name: value for name, value in members.items()}


@dataclass(frozen=True)
class Shop:
    """With a deployment that waits at a gate."""

    deployment: int
    gate: int


def shop_at_gate(world: World) -> Shop:
    gate = stages.at_gate(world)
    return Shop(gate.deployment_id, gate.pk)
