"""Somebody says how an application's releases register themselves, or that they do not any more."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from deployments import swaps
from deployments.aws.ecr_address import EcrAddress
from deployments.aws.errors import AwsError
from deployments.aws.sessions import connect
from deployments.aws.values import TaggedImage
from deployments.catalog import in_use
from deployments.catalog.freezing import freeze
from deployments.catalog.models import Application, Environment, FoundVersion, SelfRegistration
from deployments.catalog.models.self_registration import LONGEST_PATTERN
from deployments.catalog.self_registering.deciding import Found, found
from deployments.catalog.self_registering.looking import gateways_to, read_tags, unreadable
from deployments.catalog.self_registering.patterns import Pattern
from deployments.people import rights
from deployments.people.principal import Principal
from deployments.record.append import append_event
from deployments.refused import Refused
from deployments.texts import typed
from deployments.words import joined

Tags = Mapping[str, tuple[TaggedImage, ...]]

MOST_CONTAINERS = 20
#: tags of a preview
SHOWN = 10


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """As it was typed."""

    pattern: str
    #: container name to repository of ECR
    containers: Mapping[str, str]
    deploy_to: Environment | None = None
    #: "": the first that the environment offers
    strategy: str = ""


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What the pattern makes of the tags that are there now."""

    #: newest first
    matched: tuple[Found, ...]
    #: how many match besides
    more: int
    #: newest tags that match nothing
    others: tuple[str, ...]


def preview(*, application: Application, wanted: Wanted, principal: Principal) -> Preview:
    """Asks ECR. Raises Refused: no right, a retired application, and what `switch_on` refuses of `wanted`."""
    _require(application, principal)
    everything, tags = _read(application, _checked(wanted))
    pattern = Pattern(wanted.pattern.strip())
    pushed = sorted((image for images in tags.values() for image in images), key=lambda image: image.pushed_at)
    others = dict.fromkeys(image.tag for image in reversed(pushed) if not pattern.version(image.tag))
    return Preview(
        matched=everything[:SHOWN], more=max(len(everything) - SHOWN, 0), others=tuple(others)[:SHOWN]
    )  # fmt: skip


def switch_on(*, application: Application, wanted: Wanted, principal: Principal, now: datetime) -> SelfRegistration:
    """Whoever says so answers for it. What is there by now is not registered, unless it is pushed again.

    Raises Refused: no right, a retired application, a pattern or repository that is none, one that cannot be read,
    an environment of another application or where they may not deploy.
    """
    owner = _require(application, principal)
    wanted = _checked(wanted)
    _check_place(application, wanted, principal)
    everything, _ = _read(application, wanted)
    with transaction.atomic():
        in_use.hold(application)
        SelfRegistration.objects.filter(pk=application.pk).delete()
        row = SelfRegistration.objects.create(
            application=application,
            owner=owner,
            pattern=wanted.pattern,
            containers=dict(wanted.containers),
            deploy_to=wanted.deploy_to,
            strategy=wanted.strategy,
            changed_at=now,
            looked_at=now,
            due_at=now,
        )
        _note_what_is_there(row, everything, now)
        append_event(
            application, "application.self_registration", _sentence(wanted), now=now, principal=principal,
            data={"pattern": wanted.pattern, "containers": dict(wanted.containers),
                  "deploy_to": str(wanted.deploy_to or ""), "strategy": wanted.strategy},
        )  # fmt: skip
    return row


def switch_off(*, application: Application, principal: Principal, now: datetime) -> None:
    """Raises Refused without the right, or when it is off."""
    _require(application, principal)
    with transaction.atomic():
        if not SelfRegistration.objects.filter(pk=application.pk).delete()[0]:
            raise Refused(f"Releases of {application} do not register themselves.")
        append_event(
            application, "application.self_registration", "Releases do not register themselves any more",
            now=now, principal=principal,
        )  # fmt: skip


def refusal(principal: Principal) -> str:
    return rights.change_application_refusal(principal) or rights.register_refusal(principal)


def _require(application: Application, principal: Principal) -> User:
    if (sentence := refusal(principal)) or principal.user is None:
        raise Refused(sentence or "Somebody has to answer for it: sign in.")
    in_use.require(application)
    return principal.user


def _checked(wanted: Wanted) -> Wanted:
    text = typed(wanted.pattern, most=LONGEST_PATTERN, what="The pattern", field="pattern")
    try:
        pattern = Pattern.parse(text)
    except ValueError as error:
        raise Refused(str(error), field="pattern") from error
    if not wanted.containers:
        raise Refused("Name at least one container and its repository.", field="containers")
    if len(wanted.containers) > MOST_CONTAINERS:
        raise Refused(f"{MOST_CONTAINERS} containers are the most.", field="containers")
    if strangers := [said for said in wanted.containers.values() if not _is_repository(said)]:
        raise Refused(
            f"{joined(strangers)} is no repository of Amazon ECR; such is "
            "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop, without a tag.",
            field="containers",
        )
    return Wanted(
        pattern=pattern.text,
        containers=dict(wanted.containers),
        deploy_to=wanted.deploy_to,
        strategy=wanted.strategy if wanted.deploy_to else "",
    )


def _is_repository(said: str) -> bool:
    address = EcrAddress.parse(said)
    return address is not None and said.partition("/")[2] == address.repository


def _check_place(application: Application, wanted: Wanted, principal: Principal) -> None:
    place = wanted.deploy_to
    if place is None:
        return
    if place.application_id != application.pk:
        raise Refused(f"{place} is not an environment of {application}.", field="deploy_to")
    in_use.require(place)
    if sentence := rights.deploy_refusal(principal, place):
        raise Refused(sentence, field="deploy_to")
    offered = swaps.get(place.controller).strategies(freeze(place))
    if wanted.strategy and wanted.strategy not in offered:
        raise Refused(f"{place} offers {joined([str(each) for each in offered], 'or')}.", field="strategy")


def _read(application: Application, wanted: Wanted) -> tuple[tuple[Found, ...], Tags]:
    try:
        tags = read_tags(gateways_to(application, wanted.containers, connect))
    except AwsError as error:
        raise Refused(unreadable(error), field="containers") from error
    return found(Pattern(wanted.pattern), wanted.containers, tags), tags


def _note_what_is_there(row: SelfRegistration, everything: tuple[Found, ...], now: datetime) -> None:
    releases = {release.version: release for release in row.application.releases.all()}
    FoundVersion.objects.bulk_create(
        [
            FoundVersion(
                registration=row,
                version=each.version,
                tag=each.tag,
                images=dict(each.images),
                pushed_at=each.pushed_at,
                seen_at=now,
                state=FoundVersion.REGISTERED if each.version in releases else FoundVersion.BEFORE,
                release=releases.get(each.version),
            )
            for each in everything
        ],
        batch_size=500,
    )


def _sentence(wanted: Wanted) -> str:
    where = f", and the newest goes to {wanted.deploy_to} at once" if wanted.deploy_to else ""
    return f"Releases register themselves by tags {wanted.pattern}{where}"
