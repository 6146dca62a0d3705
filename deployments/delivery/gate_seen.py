"""What somebody looked at before they decide at a gate, as a fingerprint: what is decided upon must be the same."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from deployments.delivery.engine import stored
from deployments.delivery.models import Gate


def fingerprint(gate: Gate) -> str:
    """One hash a part, so that `changed` can tell which. What others decided meanwhile is in none of them."""
    return "_".join(_digest(value) for value in _parts(gate).values())


def changed(gate: Gate, seen: str) -> list[str]:
    """In words, what is not as it was when that fingerprint was made; all of it for a foreign one."""
    names, now, then = list(_parts(gate)), fingerprint(gate).split("_"), seen.split("_")
    if len(then) != len(now):
        return names
    return [name for name, one, other in zip(names, now, then, strict=True) if one != other]


def _parts(gate: Gate) -> Mapping[str, Any]:
    deployment = gate.deployment
    return {
        "the release": [deployment.pk, deployment.release_id, deployment.kind],
        "the plan": [deployment.plan_hash, gate.plan_hash, gate.stage],
        "what the gate asks for": [
            gate.approvals_needed,
            sorted(group.name for group in gate.groups.all()),
            gate.requester_may_approve,
            gate.timeout_action,
        ],
        "the evidence": gate.evidence,
        "its warnings": list(stored.document(deployment).as_json().get("warnings", ())),
    }


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]
