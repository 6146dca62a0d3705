"""Three years of a company in the database: forty applications, a hundred and sixty environments, a release a day each.

Only rows that pages and searches read, so nothing of it was deployed anywhere.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth.models import Group, User

from deployments.catalog.models import Application, Environment, Release
from deployments.delivery.models import Deployment
from deployments.people import roles
from deployments.vocabulary import Status

APPLICATIONS = 40
ENVIRONMENTS = ("development", "staging", "qa", "production")
DAYS = 1000
#: each second release goes on to all environments, the others to development alone
PEOPLE = 400
_NAMES = ("storefront", "checkout", "ledger", "search", "invoices", "결제", "media", "gateway", "orders", "stock")
_OUTCOMES = (Status.SUCCESSFUL,) * 8 + (Status.ROLLBACK_SUCCESSFUL, Status.FAILED)


def fill() -> User:
    """Into an empty database. Answers an administrator who may deploy and decide as well."""
    from django.core.management import call_command

    call_command("create_roles", verbosity=0)
    people = User.objects.bulk_create(
        User(username=f"{first}{number}", first_name=first.capitalize(), last_name=f"Kim{number}", is_staff=True,
             email=f"{first}{number}@example.com")
        for number, first in zip(range(PEOPLE), ("minji", "élodie", "jonas", "amara") * PEOPLE, strict=False)
    )  # fmt: skip
    reader = people[0]
    reader.groups.set(Group.objects.filter(name__in=roles.ROLES))
    for number in range(APPLICATIONS):
        _application(number, people)
    return reader


def _application(number: int, people: list[User]) -> None:
    name = _NAMES[number % len(_NAMES)]
    slug = f"app-{number}" if not name.isascii() else f"{name}-{number}"
    application = Application.objects.create(name=f"{name} {number}", slug=slug,
                                             repository_url=f"https://github.com/example/{slug}")  # fmt: skip
    begun = datetime(2024, 1, 1, tzinfo=UTC)
    releases = Release.objects.bulk_create(
        Release(application=application, version=f"{1 + day // 100}.{day % 100}.{number}", registered_by="ci",
                git_sha=f"{number:02x}{day:05x}" * 5, notes=f"Ticket SHOP-{day}: faster {name}\nMore of it.")
        for day in range(DAYS)
    )  # fmt: skip
    places = [_environment(application, rank, place, releases[-1 - rank]) for rank, place in enumerate(ENVIRONMENTS)]
    Deployment.objects.bulk_create(
        _deployment(place, releases, day, rank, people[(day + rank) % len(people)], begun)
        for day in range(DAYS)
        for rank, place in enumerate(places)
        if rank == 0 or day % 2 == 0
    )


def _environment(application: Application, rank: int, name: str, live: Release) -> Environment:
    return Environment.objects.create(
        application=application, name=name, rank=rank, cluster="main", live_release=live, live_slot="blue"
    )


def _deployment(
    place: Environment, releases: list[Release], day: int, rank: int, by: User, begun: datetime
) -> Deployment:
    at = begun + timedelta(days=day, hours=rank)
    plan: dict[str, Any] = {"steps": [], "way_back": []}
    return Deployment(
        environment=place, release=releases[day], source_release=releases[day - 1] if day else None,
        requested_by=by, reason=f"SHOP-{day}", strategy="CANARY", plan=plan, plan_hash="x",
        settings={"controller": "SERVICE_PAIR"},
        status=_OUTCOMES[(day + rank) % len(_OUTCOMES)], created_at=at, started_at=at,
        finished_at=at + timedelta(minutes=20), source_slot="blue", target_slot="green",
    )  # fmt: skip
