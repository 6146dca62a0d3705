"""Smoke checks and webhooks: requests that go only where the environment says."""

from dataclasses import asdict
from typing import Any

from django.conf import settings as site

from deployments.models import Deployment
from deployments.outbound import smoke, webhook
from deployments.values import EnvironmentSettings


def send(settings: EnvironmentSettings, deployment: Deployment) -> list[dict[str, Any]]:
    """Results as {path, ok, status, milliseconds, sentence}, checks first, then webhooks."""
    checks = [
        smoke.SmokeCheck(
            path=spec.path,
            expected_status=spec.expected_status,
            contains=spec.contains,
            timeout_seconds=spec.timeout_seconds,
        )
        for spec in settings.smoke_checks
    ]
    results = [asdict(result) for result in smoke.run(settings.test_url, checks)] if checks else []
    payload = {
        "event": "test_traffic_ready",
        "environment": settings.label,
        "deployment": deployment.pk,
        "release": deployment.release.version,
        "test_url": settings.test_url,
    }
    for spec in settings.webhooks:
        secret = site.WEBHOOK_SECRETS.get(spec.secret, "") if spec.secret else ""
        if spec.secret and not secret:
            sentence = f"The signing secret {spec.secret} of {spec.url} is not set (WEBHOOK_SECRET_{spec.secret})"
            results.append({"path": spec.url, "ok": False, "status": None, "milliseconds": 0, "sentence": sentence})
            continue
        results.append(asdict(webhook.post(spec.url, payload, secret=secret)))
    return results
