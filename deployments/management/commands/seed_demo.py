"""Fills the demo's database: people, the shop called storefront, its two environments and its releases.

What exists is left alone, so it may be run at every start. Names and ARNs are read over HTTP from the
account that the demo runs against.
"""

import secrets
from argparse import ArgumentParser
from typing import Any

import httpx
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from deployments.engine.events import SYSTEM, Actor
from deployments.models import Application, Environment, GatePolicy, OneOffTask, SmokeCheck
from deployments.services import adoption, releases, roles
from deployments.services.errors import Refused
from deployments.vocabulary import ActorKind, Slot, Stage, Strategy

PASSWORD = "demo"  # noqa: S105 - the demo listens on loopback only, and prints it
PEOPLE = {
    "admin": ("Ada", roles.ADMINISTRATORS),
    "manager": ("Maya", roles.MANAGERS),
    "approver": ("Ari", roles.APPROVERS),
    "viewer": ("Vera", roles.VIEWERS),
}
RELEASES = {
    "1.0.0": "What runs when the demo starts.",
    "1.1.0": "A good release: it passes every check and goes all the way once somebody approves.",
    "1.2.0": "Answers a third of all requests with 500: the canary step sees it and rolls back by itself.",
    "1.3.0": "Never becomes healthy: it is given up while scaling up, before any traffic moved.",
    "1.4.0": "Built for arm64 only: preflight refuses it, because the tasks run on x86-64.",
    "1.5.0": "Its database migration fails: it is stopped before the first task of the service starts.",
    "1.6.0": "A good release too, built for amd64 and arm64.",
}


class Command(BaseCommand):
    help = "Fill the demo's database; safe to run again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--world", required=True, metavar="URL", help="where the account describes itself")
        parser.add_argument("--listeners", required=True, metavar="URL", help="where its listeners are listed")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("seed_demo makes people with a known password; it runs in the demo only.")
        world = _get(options["world"])
        addresses = {
            (entry["LoadBalancerName"], entry["Port"]): entry["Url"]
            for entry in _get(options["listeners"])["listeners"]
        }
        make_people()
        application, _ = Application.objects.get_or_create(
            slug="storefront", defaults={"name": "Storefront", "description": "The demo's shop."}
        )
        for rank, name in ((10, "staging"), (20, "production")):
            make_environment(application, name, rank, world, addresses)
        try:
            register_releases(application, world["repository_uri"])
            for environment in application.environments.filter(live_release__isnull=True):
                adoption.adopt(environment=environment, now=timezone.now())
        except Refused as refused:
            raise CommandError(refused.sentence) from refused


def make_people() -> None:
    roles.ensure_roles()
    for username, (first_name, role) in PEOPLE.items():
        person, made = User.objects.get_or_create(
            username=username,
            defaults={"first_name": first_name, "email": f"{username}@example.com", "is_staff": True},
        )
        if made:
            person.set_password(PASSWORD)
            person.save()
            person.groups.add(Group.objects.get(name=role))


def make_environment(
    application: Application, name: str, rank: int, world: dict[str, Any], addresses: dict[Any, str]
) -> None:
    seen = world["environments"][name]
    balancer = f"{application.slug}-{name}"
    environment, made = Environment.objects.get_or_create(
        application=application,
        name=name,
        defaults={
            "rank": rank,
            "region": world["region"],
            "account_id": world["account"],
            "role_arn": world["roles"]["deployer"],
            "external_id": world["external_id"],
            "cluster": world["cluster"],
            "container_name": world["container"],
            "container_port": world["port"],
            **{f"{slot}_service": seen["services"][slot].rsplit("/", 1)[-1] for slot in Slot},
            **{f"{slot}_target_group": seen["target_groups"][slot] for slot in Slot},
            "production_rule": seen["production_rule"],
            "test_rule": seen["test_rule"],
            "strategy": Strategy.CANARY,
            "canary_percent": 10,
            "canary_bake_seconds": 12,
            "bake_seconds": 10,
            "termination_wait_seconds": 120,
            "scale_up_timeout_seconds": 40,
            "alarms": "\n".join(seen["alarms"]),
            "max_5xx_percent": 5,
            "min_requests": 10,
        },
    )
    # The ports may be others than at the last start.
    environment.production_url = addresses[balancer, seen["production_port"]]
    environment.test_url = addresses[balancer, seen["test_port"]]
    environment.save()
    if not made:
        return
    for path in ("/", "/healthz"):
        SmokeCheck.objects.create(environment=environment, path=path, expected_status=200)
    OneOffTask.objects.create(environment=environment, name="migrate", command="python manage.py migrate")
    if name == "production":
        gate = GatePolicy.objects.create(environment=environment, stage=Stage.POST_TEST_TRAFFIC_SHIFT)
        gate.groups.add(Group.objects.get(name=roles.APPROVERS))


def register_releases(application: Application, repository: str) -> None:
    known = set(application.releases.values_list("version", flat=True))
    for version, notes in RELEASES.items():
        if version not in known:
            releases.register_release(
                application=application,
                version=version,
                images={"web": f"{repository}:{version}"},
                actor=Actor(ActorKind.TOKEN, "ci") if version != "1.0.0" else SYSTEM,
                now=timezone.now(),
                git_sha=secrets.token_hex(20),
                notes=notes,
            )


def _get(url: str) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = httpx.get(url, timeout=10).raise_for_status().json()
    except (httpx.HTTPError, ValueError) as error:
        raise CommandError(f"{url} does not answer as expected: {error}") from error
    return answer
