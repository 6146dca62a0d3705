"""What is live in an environment: the board shows it, and the next deployment goes back to it."""

from datetime import datetime

from deployments.catalog import outside
from deployments.catalog.models import Environment
from deployments.delivery.engine import rows, stored
from deployments.delivery.models import Deployment
from deployments.record.append import append_event
from deployments.swaps.base import Live
from deployments.vocabulary import Role, Status


def note(deployment: Deployment, live: Role | None, now: datetime) -> None:
    """Within the transaction that records what told of it. None: nobody knows better."""
    brought = {"live_release": deployment.release_id, "live_slot": deployment.target_slot}
    before = {"live_release": deployment.source_release_id, "live_slot": deployment.source_slot}
    environment = Environment.objects.filter(pk=deployment.environment_id)
    match live:
        case Role.TARGET:  # since it was first seen, however often it is told
            told = {**brought, "live_since__gte": deployment.created_at}
            environment.exclude(**told).update(**brought, live_since=now)
            environment.update(outside=None)
        case Role.SOURCE:  # unless it counted as live all along
            counted = environment.filter(live_release=deployment.release_id)
            counted.exclude(**before).update(**before, live_since=now)


def note_share(deployment: Deployment, before: float, now: datetime) -> None:
    """As soon as all production traffic is on the release, or is back; `before`: its share at the last record."""
    if deployment.percent == before:
        return
    if deployment.percent == 100:
        note(deployment, Role.TARGET, now)
    elif not deployment.percent and deployment.is_rolling_back:
        note(deployment, Role.SOURCE, now)


def compare_again(deployment: Deployment, now: datetime) -> None:
    """At its end. A success was compared by the deployment itself; after anything else it is due at once."""
    compared_at = now if deployment.status == Status.SUCCESSFUL else None
    columns = {"compared_at": compared_at, "compared_with": ""}
    Environment.objects.filter(pk=deployment.environment_id).update(**columns)


def settle_source(deployment: Deployment, now: datetime) -> None:
    """Once a swap has seen what runs: that is what it comes from, whatever was believed when it was asked for."""
    known, believed = stored.facts(deployment), deployment.source_release
    named = {name: image.rpartition("@")[2] for name, image in known.source_images.items() if "@" in image}
    digests, bundle = {**named, **known.source_digests}, known.source_bundle
    seen = Live(slot=None, images=known.source_images, digests=digests, bundle=bundle)
    if not (digests or bundle) or (believed and outside.is_it(believed.artefact, seen) is not False):
        return
    found = outside.release_of(deployment.environment, seen)
    if found == believed:
        return
    rows.update(deployment, despite_clicks=True, source_release=found)
    if believed is None:
        said = f"What runs there is {found.version}" if found else "What runs there is of no registered release"
    elif found:
        said = f"What runs there is {found.version} and not {believed.version}, which is recorded as live"
    else:
        said = f"What runs there is of no registered release, and not {believed.version}, which is recorded as live"
    append_event(deployment, "deployment.noted", said, now=now)
