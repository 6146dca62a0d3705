"""Environments and applications in use: few, and what everything else is named by. Read once for each answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from django.http import HttpRequest

from deployments.admin.palette.asking import BEGINS, fits, says_what_to_do, words_of
from deployments.admin.palette.versions import Named, called
from deployments.catalog.models import Application, Environment
from deployments.catalog.models.retiring import IN_USE
from deployments.delivery.models import Deployment
from deployments.people.principal import Principal

_COLUMNS = (
    "name", "rank", "strategy", "live_slot", "locked_at", "lock_message", "retired_at", "live_release__version",
    "application__name", "application__slug",
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """By whom, and for what."""

    request: HttpRequest
    text: str
    _called: dict[str, tuple[Named, ...]] = field(default_factory=dict, compare=False)

    @cached_property
    def words(self) -> tuple[str, ...]:
        return words_of(self.text)

    @cached_property
    def principal(self) -> Principal:
        return Principal.person(self.request.user)

    def may(self, right: str) -> bool:
        """`right`: without its app, such as view_release."""
        return self.principal.may(f"deployments.{right}")

    @cached_property
    def environments(self) -> tuple[Environment, ...]:
        """In the order of their promotion paths, with who may deploy there."""
        rows = Environment.objects.filter(IN_USE).select_related("application", "live_release")
        found = tuple(rows.only(*_COLUMNS))
        Environment.read_deployers(found)
        return found

    @cached_property
    def applications(self) -> tuple[Application, ...]:
        return tuple(Application.objects.filter(IN_USE).only("name", "slug"))

    @cached_property
    def unfinished(self) -> tuple[Deployment, ...]:
        """There is at most one for each environment."""
        rows = Deployment.objects.unfinished().select_related("release", "source_release", "requested_by")
        long = ("plan", "settings", "facts", "preflight", "targets", "failure", "checked", "intent")
        found = tuple(rows.defer(*long).select_related("environment__application"))
        Environment.read_deployers(deployment.environment for deployment in found)
        return found

    @cached_property
    def busy(self) -> Mapping[int, Deployment]:
        return {deployment.environment_id: deployment for deployment in self.unfinished}

    def called(self, word: str) -> tuple[Named, ...]:
        """Releases by their version. A place's name, a verb and a single letter are looked for elsewhere only."""
        if word not in self._called:
            self._called[word] = () if word.isalpha() and self._is_no_version(word) else called(word)
        return self._called[word]

    def begins_a_place(self, word: str) -> bool:
        return any(fits(word, names_of(environment)) >= BEGINS for environment in self.environments)

    def _is_no_version(self, word: str) -> bool:
        is_place = any(fits(word, names_of(environment)) for environment in self.environments)
        return len(word) == 1 or is_place or says_what_to_do(word)

    @cached_property
    def live_on(self) -> Mapping[int, list[str]]:
        """Release to the names of the environments where it is live."""
        found: dict[int, list[str]] = {}
        for environment in self.environments:
            if environment.live_release_id:
                found.setdefault(environment.live_release_id, []).append(environment.name)
        return found


def names_of(environment: Environment) -> tuple[str, ...]:
    return (environment.name, environment.application.name, environment.application.slug)
