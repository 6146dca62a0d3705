"""What is seen of an installation that was brought to this version, in one process and as JSON.

python -m tests.upgrade.look
"""

import io
import json
from collections.abc import Iterator
from typing import Any

import django
from django.apps import apps
from django.core.management import call_command


def main() -> None:
    django.setup()
    print(json.dumps(dict(seen())))


def seen() -> Iterator[tuple[str, Any]]:
    from django.contrib.auth.models import User
    from django.test import Client

    from deployments.catalog.models import Release
    from deployments.delivery.engine import snapshots
    from deployments.delivery.models import Deployment
    from deployments.record.models import Event

    yield "rows", {model._meta.label: model._default_manager.count() for model in apps.get_models(True)}
    made = Release.objects.order_by("pk").values_list("created_at", flat=True)
    yield "registered at", [each.isoformat() for each in made]
    said = io.StringIO()
    call_command("verify_events", stdout=said)
    yield "verified", said.getvalue()
    yield "told of people", [*Event.objects.filter(chain__name="people").values_list("kind", flat=True)]
    deployments = list(Deployment.objects.all())
    yield "decided on", [snapshots.take(each).step.stage for each in deployments if not each.is_terminal]
    client = Client(HTTP_HOST="testserver")
    client.force_login(User.objects.get(username="viewer"))
    pages = {each.pk: client.get(f"/deployments/deployment/{each.pk}/change/").status_code for each in deployments}
    yield "pages", pages
    yield "board", client.get("/").status_code


if __name__ == "__main__":
    main()
