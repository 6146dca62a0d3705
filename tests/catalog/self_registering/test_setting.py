"""Switching it on: what is refused, what is shown before, and what is proposed."""

from typing import Any

import pytest

from deployments.aws import errors
from deployments.catalog.models import Application, SelfRegistration
from deployments.catalog.self_registering import proposing, setting
from deployments.catalog.self_registering.setting import Wanted
from deployments.people.principal import Principal
from deployments.refused import Refused
from tests.catalog.self_registering.registry import BOTH, WEB, WORKER, Registry, make_registry
from tests.delivery.engine.world import make_environment, make_release, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Registry:
    return make_registry(monkeypatch)


@pytest.mark.parametrize(
    ("wanted", "field", "says"),
    [
        ({"pattern": "latest"}, "pattern", "has one of {version}"),
        ({"containers": {}}, "containers", "at least one container"),
        ({"containers": {"web": "nginx"}}, "containers", "nginx is no repository of Amazon ECR"),
        ({"containers": {"web": f"{WEB}:1.0"}}, "containers", "without a tag"),
        ({"containers": {"web": f"{WEB}r"}}, "containers", "A repository is not there"),
        ({"strategy": "CANARY_100"}, "strategy", "offers BLUE_GREEN"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    registry: Registry, wanted: dict[str, Any], field: str, says: str
) -> None:
    if "strategy" in wanted:
        wanted["deploy_to"] = make_environment(application=registry.application)
    with pytest.raises(Refused) as refused:
        registry.switch_on(**wanted)
    assert (refused.value.field, says in refused.value.sentence) == (field, True)
    assert not SelfRegistration.objects.exists()


def preview(registry: Registry) -> setting.Preview:
    wanted, principal = Wanted(pattern="{version}", containers=BOTH), Principal.person(registry.owner)
    return setting.preview(application=registry.application, wanted=wanted, principal=principal)


def test_only_who_may_change_applications_and_register_switches_it(registry: Registry) -> None:
    registry.owner = person("outsider", "change_application")
    for act in (registry.switch_on, lambda: preview(registry)):
        with pytest.raises(Refused) as refused:
            act()
        assert "right to register releases" in refused.value.sentence


def test_an_environment_of_another_application_is_refused(registry: Registry) -> None:
    with pytest.raises(Refused) as refused:
        registry.switch_on(deploy_to=make_environment(application=Application.objects.create(name="A", slug="a")))
    assert "is not an environment of Shop" in refused.value.sentence


def test_a_preview_shows_what_matches_and_what_does_not_newest_first(registry: Registry) -> None:
    for tag in ("1.10.0", "1.9.0", "latest", "sha256-" + "a" * 64 + ".sig"):
        registry.push(WEB, tag, "a")

    shown = preview(registry)

    assert [(each.version, each.missing) for each in shown.matched] == [
        ("1.10.0", ("worker",)),
        ("1.9.0", ("worker",)),
        ("1.0.0", ()),
    ]
    assert shown.others == ("sha256-" + "a" * 64 + ".sig", "latest")


def test_switching_it_off_ends_it_and_changing_it_begins_anew(registry: Registry) -> None:
    registry.switch_on()
    registry.push(WEB, "1.4.2", "a")
    registry.push(WORKER, "1.4.2", "b")
    registry.switch_on("{prerelease}")
    registry.heard_and_looked()
    assert registry.versions == []

    owner = Principal.person(registry.owner)
    setting.switch_off(application=registry.application, principal=owner, now=registry.clock())

    assert not SelfRegistration.objects.exists()
    assert registry.told("application.self_registration") == [
        "Releases register themselves by tags {version}",
        "Releases register themselves by tags {prerelease}",
        "Releases do not register themselves any more",
    ]
    with pytest.raises(Refused):
        setting.switch_off(application=registry.application, principal=owner, now=registry.clock())


def test_repositories_are_proposed_from_the_newest_release_where_they_are_in_ecr(registry: Registry) -> None:
    make_release(registry.application, "0.9.0")
    assert proposing.containers(registry.application) == {}

    registry.switch_on()
    registry.push(WEB, "1.4.2", "a")
    registry.push(WORKER, "1.4.2", "b")
    registry.heard_and_looked()

    assert proposing.containers(registry.application) == BOTH


def test_a_registry_that_does_not_answer_is_told(registry: Registry) -> None:
    registry.aws.fail_next("tagged_images", errors.Unavailable)
    with pytest.raises(Refused) as refused:
        registry.switch_on()
    assert refused.value.field == "containers"
