"""Releases that register themselves, with ECR in memory."""

from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from deployments.aws import errors
from deployments.aws.values import Binding, TaggedImage
from deployments.catalog.models import FoundVersion, Release, SelfRegistration
from deployments.catalog.self_registering import setting
from deployments.people.principal import Principal
from deployments.record.models import Event
from tests.catalog.self_registering.registry import COMMIT, WEB, WORKER, Registry, digest, make_registry
from tests.delivery.engine.world import make_environment

pytestmark = pytest.mark.django_db


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Registry:
    registry = make_registry(monkeypatch)
    registry.switch_on()
    registry.look()
    return registry


def test_a_release_is_made_once_all_of_its_images_are_there(registry: Registry) -> None:
    registry.push(WEB, "1.4.2", "a")
    registry.heard_and_looked()
    assert (registry.versions, registry.found("1.4.2").says) == ([], "web is there, worker is missing")

    registry.push(WORKER, "1.4.2", "b")
    registry.heard_and_looked()

    release = Release.objects.get()
    assert (release.version, release.git_sha, release.notes) == ("1.4.2", COMMIT, "")
    assert release.pinned == {"web": f"{WEB}@{digest('a')}", "worker": f"{WORKER}@{digest('b')}"}
    assert release.registered_by == "self-registration of shop"
    assert registry.told("release.registered") == ["Release 1.4.2 registered by self-registration of shop"]
    assert Event.objects.get(kind="release.registered").data["labels"]["web"] == {"revision": COMMIT}


def test_what_was_there_before_is_no_release_until_it_is_pushed_again(registry: Registry) -> None:
    registry.heard_and_looked()
    assert registry.versions == []

    registry.push(WEB, "1.0.0", "c")
    registry.heard_and_looked()

    assert registry.versions == ["1.0.0"]


def test_events_that_are_lost_repeated_or_early_change_nothing(registry: Registry) -> None:
    registry.push(WORKER, "1.4.2", "b")
    registry.push(WEB, "1.4.2", "a")

    for _ in range(3):
        registry.heard_and_looked()
    assert registry.versions == ["1.4.2"]

    registry.push(WEB, "1.4.3", "c")
    registry.push(WORKER, "1.4.3", "d")
    assert registry.look() == {}
    registry.look(after=600)

    assert registry.versions == ["1.4.2", "1.4.3"]
    assert len(registry.told("release.registered")) == 2


def test_the_look_without_an_event_costs_one_call_a_repository_in_ten_minutes(registry: Registry) -> None:
    assert registry.look(after=590) == {}
    assert registry.look(after=10) == {"tagged_images": 2}


def test_images_that_are_awaited_are_looked_for_once_a_minute_for_an_hour(registry: Registry) -> None:
    registry.push(WEB, "1.4.2", "a")
    registry.heard_and_looked()

    assert registry.look(after=59) == {}
    assert registry.look(after=1) == {"tagged_images": 2}
    registry.look(after=3600)
    assert registry.look(after=60) == {}


@pytest.mark.parametrize("tag", ["latest", "1.4", "1.4.2-rc.1", "1.4.2-arm64", "sha256-" + "a" * 64 + ".sig"])
def test_what_is_no_version_is_left_alone(registry: Registry, tag: str) -> None:
    registry.push(WEB, tag, "a")
    registry.push(WORKER, tag, "b")
    registry.heard_and_looked()

    assert registry.versions == []
    assert not FoundVersion.objects.exclude(version="1.0.0").exists()


def test_a_tag_that_is_moved_is_told_once_and_the_release_keeps_its_image(registry: Registry) -> None:
    registry.push(WEB, "1.4.2", "a")
    registry.push(WORKER, "1.4.2", "b")
    registry.heard_and_looked()
    before = Release.objects.get().pinned

    registry.push(WEB, "1.4.2", "c")
    for _ in range(2):
        registry.heard_and_looked()

    assert Release.objects.get().pinned == before
    (told,) = registry.told("application.tag_moved")
    assert told.startswith("Tag 1.4.2 now names another image (web). Release 1.4.2 keeps what it was registered with")


def test_images_of_two_commits_under_one_tag_are_no_release(registry: Registry) -> None:
    registry.push(WEB, "1.4.2", "a", commit="aaaaaaa1")
    registry.push(WORKER, "1.4.2", "b", commit="bbbbbbb2")
    for _ in range(2):
        registry.heard_and_looked()
    assert registry.versions == []
    (told,) = registry.told("application.not_registered")
    assert "different commits (web aaaaaaa1, worker bbbbbbb2)" in told

    registry.push(WEB, "1.4.2", "c", commit="bbbbbbb2")
    registry.heard_and_looked()

    assert Release.objects.get().git_sha == "bbbbbbb2"


def test_a_tag_that_moves_while_it_is_looked_at_is_read_again_and_never_mixed(registry: Registry) -> None:
    registry.push(WEB, "1.4.2", "a", commit="")
    registry.push(WORKER, "1.4.2", "b", commit="")
    listed = registry.aws.tagged
    registry.aws.tagged = dict(listed)
    registry.push(WEB, "1.4.2", "c", commit="")
    registry.aws.tagged, pushed = listed, registry.aws.tagged
    registry.heard_and_looked()
    assert registry.versions == []

    registry.aws.tagged = pushed
    registry.look(after=5)

    assert Release.objects.get().pinned["web"] == f"{WEB}@{digest('c')}"


def test_five_hundred_tags_at_once_are_registered_newest_first_a_bounded_number_a_look(registry: Registry) -> None:
    for minor in range(250):
        for repository, digit in ((WEB, "a"), (WORKER, "b")):
            tagged = TaggedImage(tag=f"2.{minor}.0", digest=digest(digit), pushed_at=registry.clock())
            image = registry.aws.images[repository, "1.0.0"]
            registry.aws.tagged[repository] += (tagged,)
            for reference in (tagged.tag, tagged.digest):
                registry.aws.images[repository, reference] = type(image)(
                    repository=repository, tag=tagged.tag, digest=tagged.digest, platforms=("linux/amd64",)
                )

    registry.heard_and_looked()
    assert registry.versions == [f"2.{minor}.0" for minor in range(249, 229, -1)]
    registry.look(after=5)

    assert registry.versions[-1] == "2.210.0"
    assert len(registry.versions) == 40


def test_a_commit_that_is_tagged_in_its_short_and_its_long_form_is_one_release(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    registry = make_registry(monkeypatch)
    registry.switch_on("{sha}")
    for tag in (COMMIT[:7], COMMIT):
        registry.push(WEB, tag, "a", commit="")
        registry.push(WORKER, tag, "b", commit="")
    registry.heard_and_looked()

    assert [(release.version, release.git_sha) for release in Release.objects.all()] == [(COMMIT, COMMIT)]


def test_one_repository_may_be_that_of_several_containers(monkeypatch: pytest.MonkeyPatch) -> None:
    registry = make_registry(monkeypatch)
    registry.switch_on(containers={"web": WEB, "migrations": WEB})
    registry.push(WEB, "1.4.2", "a")
    registry.heard_and_looked()

    assert set(Release.objects.get().pinned.values()) == {f"{WEB}@{digest('a')}"}


def test_a_version_that_somebody_registered_is_theirs(registry: Registry) -> None:
    Release.objects.create(application=registry.application, version="1.4.2", registered_by="ci")
    registry.push(WEB, "1.4.2", "a")
    registry.push(WORKER, "1.4.2", "b")
    registry.heard_and_looked()

    found = registry.found("1.4.2")
    assert (found.state, found.is_to_deploy, registry.versions) == (FoundVersion.REGISTERED, False, ["1.4.2"])


@pytest.mark.parametrize(
    ("error", "says", "again"),
    [
        (errors.NotFound, "A repository is not there", 600),
        (errors.Denied, "infra/iam/self-registering.json", 600),
        (errors.Throttled, "", 15),
    ],
)
def test_a_repository_that_cannot_be_read_is_told_and_asked_seldom(
    registry: Registry, error: type[errors.AwsError], says: str, again: int
) -> None:
    registry.push(WEB, "1.4.2", "a")
    registry.push(WORKER, "1.4.2", "b")
    registry.aws.fail_next("tagged_images", error)
    registry.heard_and_looked()

    row = SelfRegistration.objects.get()
    assert says in row.says
    assert (row.due_at, registry.versions) == (registry.clock() + timedelta(seconds=again), [])
    registry.look(after=again)
    assert (SelfRegistration.objects.get().says, registry.versions) == ("", ["1.4.2"])


def test_one_image_that_nobody_can_read_keeps_no_other_from_it(registry: Registry) -> None:
    for version, digits in (("1.4.3", "ab"), ("1.4.2", "cd")):
        registry.push(WEB, version, digits[0])
        registry.push(WORKER, version, digits[1])
    registry.aws.fail_next("image_labels", errors.Invalid)
    registry.heard_and_looked()

    assert registry.versions == ["1.4.2"]
    assert "cannot be read" in registry.found("1.4.3").says


def test_whoever_answers_for_it_is_asked_whether_they_still_may(registry: Registry) -> None:
    registry.owner.user_permissions.clear()
    registry.push(WEB, "1.4.2", "a")
    registry.push(WORKER, "1.4.2", "b")
    registry.heard_and_looked()

    assert registry.found("1.4.2").says.startswith("owner answers for the self-registration of shop, and does not have")


def test_a_push_that_is_told_during_a_look_is_looked_for_after_it(registry: Registry) -> None:
    def connect(binding: Any) -> Any:
        registry.clock.forward(seconds=1)
        registry.hear(WORKER)
        assert not SelfRegistration.objects.due(registry.clock()).exists()
        return registry.aws

    registry.clock.forward(minutes=10)
    registry.look(connect=connect)

    assert SelfRegistration.objects.due(registry.clock()).exists()


def killed_at_the_database(execute: Any, sql: str, *more: Any) -> Any:
    if 'INSERT INTO "deployments_foundversion"' in sql:
        raise KeyboardInterrupt
    return execute(sql, *more)


@pytest.mark.parametrize("call", ["tagged_images", "image_labels", "image", ""])
def test_a_worker_that_is_killed_anywhere_leaves_what_the_next_one_needs(registry: Registry, call: str) -> None:
    """Without a call: after the release was made, before that is noted."""
    registry.push(WEB, "1.4.2", "a")
    registry.push(WORKER, "1.4.2", "b")
    if call:
        registry.aws.fail_next(call, KeyboardInterrupt())
    dying = nullcontext() if call else connection.execute_wrapper(killed_at_the_database)
    with pytest.raises(KeyboardInterrupt), dying:
        registry.heard_and_looked()

    assert registry.look(after=60) == {}
    registry.look(after=60)

    assert registry.versions == ["1.4.2"]
    assert registry.found("1.4.2").state == FoundVersion.REGISTERED
    assert (len(registry.told("release.registered")), registry.told("application.tag_moved")) == (1, [])


def test_a_registry_of_another_account_is_read_by_the_role_of_an_environment_there(registry: Registry) -> None:
    role = "arn:aws:iam::123456789012:role/tealgate-shop"
    make_environment(application=registry.application, role_arn=role, external_id="x1")
    bindings: list[Binding] = []

    def connect(binding: Binding) -> Any:
        bindings.append(binding)
        return registry.aws

    registry.look(after=600, connect=connect)

    assert set(bindings) == {Binding(region="eu-central-1", role_arn=role, external_id="x1")}


def test_without_looks_only_events_make_one(registry: Registry, settings: Settings) -> None:
    settings.IDLE_LOOK_SECONDS = 0
    registry.look(after=600)
    assert registry.look(after=3600) == {}

    registry.push(WEB, "1.4.2", "a")
    registry.push(WORKER, "1.4.2", "b")
    registry.heard_and_looked()

    assert registry.versions == ["1.4.2"]


def test_events_of_another_account_region_or_repository_are_nobodys(registry: Registry) -> None:
    assert not registry.hear("elsewhere/shop/other")


@pytest.mark.parametrize("call", ["image_labels", "image"])
@pytest.mark.parametrize("again", [False, True])
def test_what_is_said_otherwise_during_a_look_holds_at_once(
    registry: Registry, monkeypatch: pytest.MonkeyPatch, call: str, again: bool
) -> None:
    """Switched off, and switched on by another pattern."""
    registry.push(WEB, "1.4.2", "a")
    registry.push(WORKER, "1.4.2", "b")
    registry.hear(WEB)
    read, left = getattr(registry.aws, call), [1]

    def meanwhile(*asked: Any, **more: Any) -> Any:
        if left and left.pop():
            registry.clock.forward(seconds=1)
            who = Principal.person(registry.owner)
            setting.switch_off(application=registry.application, principal=who, now=registry.clock())
            if again:
                registry.switch_on("v{version}")
        return read(*asked, **more)

    monkeypatch.setattr(registry.aws, call, meanwhile)
    registry.look()

    assert (left, registry.versions, list(FoundVersion.objects.all())) == ([], [], [])
    assert [row.due_at for row in SelfRegistration.objects.all()] == [registry.clock()] * again
