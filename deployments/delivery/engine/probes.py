"""Smoke checks and webhooks: requests that go only where the environment says."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.conf import settings as site

from deployments.catalog.models import Webhook
from deployments.delivery.models import Deployment
from deployments.frozen import EnvironmentSettings, WebhookSpec
from deployments.outbound import smoke, webhook
from deployments.swaps.reports import CheckResult

SIDE_BY_SIDE = 8


def send(settings: EnvironmentSettings, deployment: Deployment, now: datetime) -> tuple[CheckResult, ...]:
    """Checks first, then webhooks."""
    checks = [
        smoke.SmokeCheck(
            path=spec.path,
            expected_status=spec.expected_status,
            contains=spec.contains,
            timeout_seconds=spec.timeout_seconds,
            headers=dict(spec.headers),
            follow_redirects=spec.follow_redirects,
        )
        for spec in settings.smoke_checks
    ]
    answers = smoke.run(settings.test_url, checks) if checks else ()
    results = [CheckResult(**asdict(answer)) for answer in answers]
    payload = {
        "event": "test_traffic_ready",
        "environment": settings.label,
        "deployment": deployment.pk,
        "release": deployment.release.version,
        "test_url": settings.test_url,
    }
    if settings.webhooks:
        rows = Webhook.objects.filter(environment=deployment.environment_id).in_bulk([w.id for w in settings.webhooks])
        # Side by side, so that ten silent ones take no longer than one.
        with ThreadPoolExecutor(max_workers=min(SIDE_BY_SIDE, len(settings.webhooks))) as pool:
            results += pool.map(lambda spec: _posted(spec, rows.get(spec.id), payload, now), settings.webhooks)
    return tuple(results)


def _posted(spec: WebhookSpec, row: Webhook | None, payload: Mapping[str, Any], now: datetime) -> CheckResult:
    if row is None:
        return _not_sent(spec.place, f"The webhook to {spec.place} was deleted after this deployment was requested.")
    if row.place != spec.place:
        return _not_sent(spec.place, f"The webhook to {spec.place} leads to {row.place} since; request it again.")
    secret = site.WEBHOOK_SECRETS.get(spec.secret, "") if spec.secret else ""
    if spec.secret and not secret:
        sentence = f"The signing secret {spec.secret} of {spec.place} is not set (WEBHOOK_SECRET_{spec.secret})"
        return _not_sent(spec.place, sentence)
    return CheckResult(**asdict(webhook.post(row.url, payload, now=now, secret=secret)))


def _not_sent(place: str, sentence: str) -> CheckResult:
    return CheckResult(path=place, ok=False, sentence=sentence)
