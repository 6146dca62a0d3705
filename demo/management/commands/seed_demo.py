"""Fills the demo's database: people, the applications of the demo's account, their environments and releases.

What exists is left alone, so it may be run at every start. Names and ARNs are read over HTTP from the
account that the demo runs against.
"""

import hashlib
import ssl
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, User
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config.demo_people import PASSWORD
from demo.world import SHOPS, Place, Shop
from deployments.catalog import bundles, releases, tokens, unattended
from deployments.catalog.models import Application, Environment, GatePolicy, OneOffTask, SmokeCheck
from deployments.delivery import adoption
from deployments.people import roles
from deployments.people.principal import SYSTEM, Principal
from deployments.refused import Refused
from deployments.telling.notifications import addresses as told_at

PEOPLE = {
    "admin": ("Ada", roles.ADMINISTRATORS),
    "manager": ("Maya", roles.MANAGERS),
    "approver": ("Ari", roles.APPROVERS),
    "viewer": ("Vera", roles.VIEWERS),
}
Addresses = Mapping[tuple[str, int], str]


class Command(BaseCommand):
    help = "Fill the demo's database; safe to run again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--world", required=True, metavar="URL", help="where the account describes itself")
        parser.add_argument("--listeners", required=True, metavar="URL", help="where its listeners are listed")
        parser.add_argument(
            "--application", action="append", choices=[shop.slug for shop in SHOPS], dest="slugs",
            help="only this one; may be repeated (default: all)",
        )  # fmt: skip

        parser.add_argument("--mail", action="store_true", help="tell its people by e-mail")
        parser.add_argument("--token", type=Path, metavar="FILE", help="where a pipeline's token is to be found")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("seed_demo makes people with a known password; it runs in the demo only.")
        # Loopback: reading whom to trust would take longer than everything that is asked.
        with httpx.Client(timeout=10, verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)) as client:
            world = _get(client, options["world"])
            listeners = _get(client, options["listeners"])["listeners"]
        addresses = {(entry["LoadBalancerName"], entry["Port"]): entry["Url"] for entry in listeners}
        make_people()
        try:
            for shop in SHOPS:
                if shop.slug in (options["slugs"] or [shop.slug]):
                    make_application(shop, world, addresses)
            if options["mail"]:
                give_mail()
            if options["token"]:
                make_token(options["token"])
        except Refused as refused:
            raise CommandError(refused.sentence) from refused


def make_token(file: Path) -> None:
    """For trying the client, as Maya's pipeline. The same at each start, while it is good."""
    now = timezone.now()
    if file.exists() and tokens.recognised(file.read_text(), now):
        return
    maya = Principal.person(User.objects.get(username="manager"))
    scopes = ("read", "releases:write", "deployments:write", "deployments:stop")
    _, secret = tokens.make(name=f"terminal-{now:%m%d-%H%M%S}", scopes=scopes, environments=(), principal=maya, now=now)
    file.touch(mode=0o600)
    file.write_text(secret)


def give_mail() -> None:
    """Whoever has no address at which they are told gets one, as they would add it themselves."""
    for person in User.objects.filter(username__in=PEOPLE, notification_addresses=None):
        url, principal = f"email://{person.email}", Principal.person(person)
        told_at.add(of=person, url=url, shown=person.email, principal=principal, now=timezone.now())


def make_people() -> None:
    roles.ensure_roles()
    there = set(User.objects.filter(username__in=PEOPLE).values_list("username", flat=True))
    if there >= PEOPLE.keys():
        return
    password = make_password(PASSWORD)  # which everybody knows: hashing it for each of them would hide nothing
    for username, (first_name, role) in PEOPLE.items():
        if username not in there:
            person = User.objects.create(
                username=username,
                first_name=first_name,
                email=f"{username}@example.com",
                is_staff=True,
                password=password,
            )
            person.groups.add(Group.objects.get(name=role))


def make_application(shop: Shop, world: Mapping[str, Any], addresses: Addresses) -> None:
    application, _ = Application.objects.get_or_create(
        slug=shop.slug, defaults={"name": shop.name, "description": shop.description}
    )
    for place in shop.places:
        make_environment(application, shop, place, world, addresses)
    register_releases(application, shop, world)
    if shop.adopted:
        for environment in application.environments.filter(live_release__isnull=True):
            adoption.adopt(environment=environment, now=timezone.now())


def make_environment(
    application: Application, shop: Shop, place: Place, world: Mapping[str, Any], addresses: Addresses
) -> None:
    environment, made = Environment.objects.get_or_create(
        application=application,
        name=place.name,
        defaults={
            "rank": place.rank,
            "region": world["region"],
            "account_id": world["account"],
            "role_arn": world["roles"]["deployer"],
            "external_id": world["external_id"],
            "max_5xx_percent": 5,
            "min_requests": 10,
            **shop.columns(world, place.name),
        },
    )
    # The ports may be others than at the last start.
    urls = [addresses[place.balancer, port] for port in place.ports(world)]
    environment.production_url, environment.test_url = [*urls, ""][:2]
    environment.save()
    if not made:
        return
    for path in place.checks:
        SmokeCheck.objects.create(environment=environment, path=path, expected_status=200)
    if place.task:
        OneOffTask.objects.create(environment=environment, name="migrate", command=place.task)
    if place.gate:
        gate = GatePolicy.objects.create(environment=environment, stage=place.gate, timeout_minutes=place.gate_minutes)
        gate.groups.add(Group.objects.get(name=roles.APPROVERS))
    if place.no_gate_because:
        unattended.let_go_on(
            environment=environment,
            principal=Principal.person(User.objects.get(username="admin")),
            reason=place.no_gate_because,
            now=timezone.now(),
        )


def register_releases(application: Application, shop: Shop, world: Mapping[str, Any]) -> None:
    known = set(application.releases.values_list("version", flat=True))
    for version, notes in shop.releases.items():
        if version in known:
            continue
        artefact = shop.artefact(world, version)
        releases.register_release(
            application=application,
            version=version,
            images=None if isinstance(artefact, str) else artefact,
            bundle=bundles.parse(artefact) if isinstance(artefact, str) else None,
            principal=Principal.token("ci") if version != "1.0.0" else SYSTEM,
            now=timezone.now(),
            # Made up, but the same one for the same version.
            git_sha=hashlib.sha1(f"{shop.slug} {version}".encode(), usedforsecurity=False).hexdigest(),
            notes=notes,
        )


def _get(client: httpx.Client, url: str) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = client.get(url).raise_for_status().json()
    except (httpx.HTTPError, ValueError) as error:
        raise CommandError(f"{url} does not answer as expected: {error}") from error
    return answer
