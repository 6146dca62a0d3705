"""Two repositories of ECR in memory, and an application whose releases register themselves from them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User

from deployments.aws.values import Image, TaggedImage
from deployments.catalog import releases
from deployments.catalog.models import Application, FoundVersion, Release, SelfRegistration
from deployments.catalog.self_registering import hearing, looking, setting
from deployments.catalog.self_registering.setting import Wanted
from deployments.people.principal import Principal
from deployments.record.models import Event
from tests.delivery.engine.world import Clock, person
from tests.fakes.aws import FakeGateway

HOST = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"
WEB, WORKER = f"{HOST}/shop/web", f"{HOST}/shop/worker"
BOTH = {"web": WEB, "worker": WORKER}
REVISION = "org.opencontainers.image.revision"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def digest(digit: str) -> str:
    return "sha256:" + digit * (64 // len(digit))


@dataclass
class Registry:
    application: Application
    owner: User
    aws: FakeGateway = field(default_factory=FakeGateway)
    clock: Clock = field(default_factory=Clock)

    def push(self, repository: str, tag: str, digit: str, *, commit: str = COMMIT) -> None:
        """A minute after whatever was pushed before."""
        self.clock.forward(minutes=1)
        held = [each for each in self.aws.tagged.get(repository, ()) if each.tag != tag]
        image = TaggedImage(tag=tag, digest=digest(digit), pushed_at=self.clock())
        self.aws.tagged[repository] = (*held, image)
        self.aws.labels[image.digest] = {REVISION: commit} if commit else {}
        for reference in (tag, image.digest):
            self.aws.images[repository, reference] = Image(
                repository=repository, tag=tag, digest=image.digest, platforms=("linux/amd64",)
            )

    def switch_on(self, pattern: str = "{version}", **wanted: Any) -> SelfRegistration:
        wanted = {"containers": BOTH} | wanted
        return setting.switch_on(
            application=self.application,
            wanted=Wanted(pattern=pattern, **wanted),
            principal=Principal.person(self.owner),
            now=self.clock(),
        )

    def hear(self, repository: str) -> bool:
        return hearing.heard({("123456789012", "eu-central-1", repository.partition("/")[2])}, self.clock())

    def look(self, after: float = 0, connect: Callable[..., Any] | None = None) -> dict[str, int]:
        """The calls that it took."""
        self.clock.now += timedelta(seconds=after)
        self.aws.calls.clear()
        looking.look(self.clock(), connect or (lambda binding: self.aws))
        return dict(self.aws.calls)

    def heard_and_looked(self) -> None:
        """As AWS tells it, for both; once."""
        assert self.hear(WEB)
        self.look()

    @property
    def versions(self) -> list[str]:
        return [release.version for release in Release.objects.order_by("pk")]

    def found(self, version: str) -> FoundVersion:
        return FoundVersion.objects.get(version=version)

    def told(self, kind: str) -> list[str]:
        return [event.message for event in Event.objects.filter(kind=kind).order_by("pk")]


def make_registry(monkeypatch: pytest.MonkeyPatch, application: Application | None = None) -> Registry:
    """With 1.0.0 in both repositories."""
    rights = ("change_application", "add_release", "add_deployment")
    application = application or Application.objects.create(name="Shop", slug="shop")
    registry = Registry(application, person("owner", *rights))
    for module in (releases, setting):
        monkeypatch.setattr(module, "connect", lambda binding: registry.aws)
    for number, repository in enumerate((WEB, WORKER), start=1):
        registry.push(repository, "1.0.0", str(number))
    return registry
