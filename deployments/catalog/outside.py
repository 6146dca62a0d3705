"""What runs in an environment, compared with the release that is recorded as live there.

Whoever looks at an environment brings what he has seen. A difference is kept in its row for pages, and told once in its
log; while a deployment is under way nothing is compared, because the deployment itself knows better.
"""

from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from deployments.aws import bundles
from deployments.aws.errors import AwsError
from deployments.aws.protocol import Gateway
from deployments.catalog.models import Environment, Release
from deployments.catalog.models.running import Running, moment
from deployments.catalog.models.running import outside as recorded_outside
from deployments.frozen import Artefact, EnvironmentSettings
from deployments.record.append import append_event
from deployments.swaps import get
from deployments.swaps.base import Live
from deployments.vocabulary import ENDED_BADLY, Slot


def look(environment: Environment, settings: EnvironmentSettings, gateway: Gateway, now: datetime) -> None:
    """Read what runs there and note how it compares. Where AWS does not answer, nothing is known, nothing changes."""
    live = read(settings, gateway)
    if live is not None:
        note(environment, live, now)


def read(settings: EnvironmentSettings, gateway: Gateway) -> Live | str | None:
    """What runs there, or in a sentence why that does not show one release; None where AWS does not answer."""
    try:
        return get(settings.controller).live(settings, gateway)
    except AwsError:
        return None
    except ValueError as error:
        return str(error)


def note(environment: Environment, live: Live | str, now: datetime) -> None:
    """`live`: what was read at `now`, or in a sentence why that does not show one release.

    Two looks may overtake each other: then both say so in their turn, and the later one is right.
    """
    with transaction.atomic():
        row = Environment.objects.select_for_update(of=("self",)).select_related("live_release").get(pk=environment.pk)
        if row.is_retired or _may_be_older(row, now):
            return
        found, before = running(row, live), recorded_outside(row)
        if found is None and isinstance(live, Live) and not live.settled:
            return
        if _went_back(row, found, live, now):
            found = None
        elif (found.key if found else "") != (before.key if before else ""):
            _tell(row, found, now)
        elif isinstance(live, Live) and found is None:
            _slot(row, live.slot, now)
        columns = {"outside": found.as_json() if found else None, "compared_at": now}
        Environment.objects.filter(pk=row.pk).update(**columns)
    environment.refresh_from_db(fields=["outside", "compared_at", "live_release", "live_slot", "live_since"])


def compared(environment: Environment, live: Live | str | None) -> Running | None:
    """For whoever only looks: what runs there and is not the live release, while nobody deploys."""
    settled = live if isinstance(live, str) else live and live.settled and live
    if not settled or environment.deployments.filter(finished_at__isnull=True).exists():
        return None
    found = running(environment, settled)
    return None if found is None or found.under_way else found


def running(environment: Environment, live: Live | str) -> Running | None:
    """What runs there and is not the live release, or is on its way; None when it is, or when that cannot be told."""
    recorded = environment.live_release
    if recorded is None and not environment.deployments.exists():
        return None
    if isinstance(live, str):
        return Running(key=live, trouble=live) if recorded else None
    is_recorded = recorded is not None and is_it(recorded.artefact, live) is not False
    shown = _shown(environment, live) if live.settled and not is_recorded else None
    coming = _on_its_way(environment, live)
    return replace(coming, until_then=shown.name) if coming and shown else coming or shown


def _shown(environment: Environment, live: Live) -> Running:
    release = release_of(environment, live)
    return Running(
        key=_key(live),
        what=_named(environment, live),
        version=release.version if release else "",
        since=moment(live.since) if live.since else "",
        by=live.by,
        images=pinned(live),
    )


def _on_its_way(environment: Environment, live: Live) -> Running | None:
    """What somebody deploys there now; None where that is what is recorded, or what runs."""
    coming, recorded = live.coming, environment.live_release
    if coming is None or (live.settled and _key(coming) == _key(live)):
        return None
    is_recorded = is_it(recorded.artefact, coming) if recorded and (coming.images or coming.bundle) else False
    if is_recorded:
        return None
    shown = _shown(environment, coming)
    return replace(shown, key=f"{coming.by} {shown.key}", under_way=True, images=None)


def is_it(artefact: Artefact, live: Live) -> bool | None:
    """Whether this release is what runs; None when what runs is not known well enough."""
    if live.bundle is not None:
        return bundles.are_same(artefact.bundle, live.bundle)
    seen = [(live.digests.get(name), image.rpartition("@")[2]) for name, image in artefact.images.items()]
    if any(digest is not None and digest != wanted for digest, wanted in seen):
        return False
    missing = [name for name in artefact.images if name not in live.images]
    if missing or not seen:
        return False
    return None if any(digest is None for digest, _ in seen) else True


def release_of(environment: Environment, live: Live) -> Release | None:
    """The newest of several with the same images or bundle."""
    releases = environment.application.releases.prefetch_related("images").order_by("-pk")
    if live.bundle is None:
        releases = releases.filter(images__digest__in=set(live.digests.values())).distinct()
    return next((each for each in releases if is_it(each.artefact, live)), None)


def source(environment: Environment) -> Release | None:
    """What a deployment that begins now comes from: what runs, and not what is believed to."""
    running = recorded_outside(environment)
    if running is None or running.under_way:
        return environment.live_release
    return environment.application.releases.filter(version=running.version).first() if running.version else None


def pinned(live: Live) -> dict[str, str] | None:
    """By container the image of its running tasks; None where not all of it is known."""
    if live.bundle is not None or not all(name in live.digests for name in live.images):
        return None
    return {name: f"{_repository(image)}@{live.digests[name]}" for name, image in live.images.items()}


def _may_be_older(row: Environment, now: datetime) -> bool:
    """Whether a deployment is under way, or has ended since this was read."""
    return bool(row.deployments.filter(Q(finished_at__isnull=True) | Q(finished_at__gte=now)).exists())


def _went_back(row: Environment, found: Running | None, live: Live | str, now: datetime) -> bool:
    """Whether what runs is what the last deployment came from: it was taken off, though it could not go back itself."""
    if found is None or found.under_way or isinstance(live, str):
        return False
    last = row.deployments.select_related("release", "source_release").order_by("-pk").first()
    if last is None or last.release != row.live_release or last.status not in ENDED_BADLY:
        return False
    source = last.source_release
    if source is None or source.version != found.version or source == last.release:
        return False
    Environment.objects.filter(pk=row.pk).update(live_release=source, live_slot=live.slot or "", live_since=now)
    row.live_release = source
    said = f"{source.version} runs there again, and {last.release.version} does not"
    append_event(row, "environment.agrees", said, now=now)
    return True


def _tell(row: Environment, found: Running | None, now: datetime) -> None:
    if found is None:
        version = row.live_release.version if row.live_release else "What is live"
        append_event(row, "environment.agrees", f"{version} runs there again, as is recorded", now=now)
        return
    recorded = row.live_release.version if row.live_release else ""
    append_event(row, "environment.differs", found.sentence(recorded), now=now, data=found.as_json())


def _slot(row: Environment, slot: Slot | None, now: datetime) -> None:
    """The same release in the other slot: somebody shifted it there."""
    if slot is None or row.live_slot in ("", slot) or row.live_release is None:
        return
    Environment.objects.filter(pk=row.pk).update(live_slot=slot)
    said = (
        f"{row.live_release.version} is live in the other slot now ({slot} slot); it was shifted there outside Tealgate"
    )
    append_event(row, "environment.agrees", said, now=now)


def _key(live: Live) -> str:
    if live.bundle is not None:
        return bundles.place(live.bundle)
    return " ".join(f"{name}={live.digests.get(name, live.images[name])}" for name in sorted(live.images))


def _named(environment: Environment, live: Live) -> str:
    """Such as "storefront:1.6.0@sha256:0123456789ab", without the registry; a tag alone says nothing for long."""
    if live.bundle is not None:
        return bundles.place(live.bundle)
    image = live.images.get(environment.container_name, "")
    name, _, digest = image.rpartition("/")[2].partition("@")
    digest = digest or live.digests.get(environment.container_name, "")
    return f"{name}@{digest[:19]}" if digest else name


def _repository(image: str) -> str:
    path, slash, name = image.partition("@")[0].rpartition("/")
    return f"{path}{slash}{name.partition(':')[0]}"
