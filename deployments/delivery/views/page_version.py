"""When a deployment looks different: an ETag for pages that are asked again and again, and for an API."""

import hashlib
import json

from django.db.models import Max

from deployments.delivery.models import Deployment
from deployments.delivery.views.found import all_found
from deployments.delivery.views.pipeline import pipeline_view
from deployments.record.append import PEOPLE
from deployments.record.models import Event


def version_of(deployment: Deployment) -> str:
    """Changes exactly when the view would: the row's visible columns and the newest child rows.

    It is the same for all readers, and does not change because time passes.
    """
    visible = (
        deployment.status, deployment.status_reason, deployment.position, deployment.stage, deployment.waiting_for,
        all_found(deployment), str(deployment.source_kept_until), deployment.target_slot, deployment.failures,
        deployment.gone_on_from, str(deployment.environment.live_since), deployment.environment.outside,
    )  # fmt: skip
    runs = deployment.stage_runs.values_list("pk", "outcome", "detail", "finished_at")
    gates = deployment.gates.values_list("pk", "status", "expires_at", "reason", "evidence")
    newest = (
        Event.objects.filter(deployment=deployment).aggregate(Max("pk")),
        # What happens to accounts decides whose approval counts.
        Event.objects.filter(chain__name=PEOPLE.name).aggregate(Max("pk")),
        deployment.measurements.aggregate(Max("pk")),
    )
    children = [list(runs), list(gates), newest, pipeline_view(deployment)]
    seen = json.dumps([visible, *children], default=str, sort_keys=True)
    return hashlib.sha256(seen.encode()).hexdigest()[:20]
