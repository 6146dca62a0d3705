"""A job on GitHub asks, as its webhook does."""

import hashlib
import hmac
import json
from typing import Any

from django.test import Client

from deployments.telling.forge.models import Forge
from tests.telling.forge.conftest import RUN, SECRET, SHA
from tests.telling.forge.github_server import INSTALLATION, GitHub


def question(github: GitHub, **changes: Any) -> dict[str, Any]:
    """As octokit's schema of deployment_protection_rule has it, as far as it is read."""
    return {
        "action": "requested",
        "environment": "production",
        "event": "push",
        "deployment_callback_url": f"{github.base}/repos/shop/storefront/actions/runs/{RUN}/deployment_protection_rule",
        "deployment": {"id": 4242, "sha": SHA, "ref": "main", "environment": "production"},
        "pull_requests": [],
        "repository": {"id": 99, "full_name": "shop/storefront"},
        "installation": {"id": int(INSTALLATION)},
        "sender": {"login": "octocat"},
        **changes,
    }


def send(
    said: Any, *, secret: str = SECRET, delivery: str = "72d3162e-cc78-11e3", body: bytes = b"", **headers: Any
) -> Any:
    body = body or json.dumps(said).encode()
    named = {
        "X-GitHub-Event": "deployment_protection_rule",
        "X-GitHub-Delivery": delivery,
        "X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(),
        **headers,
    }
    address = f"/api/v1/forges/{Forge.objects.get().pk}/github"
    return Client().post(address, body, content_type="application/json", headers=named)
