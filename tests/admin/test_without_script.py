"""A form that is posted as it was shown, by a browser that runs no script, changes nothing."""

from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from deployments.catalog.freezing import freeze
from deployments.catalog.models import Environment, GatePolicy, OneOffTask, SmokeCheck
from deployments.people.roles import ensure_roles
from deployments.record.models import Event
from tests.admin.conftest import Browser
from tests.delivery.engine.world import World

CHANGE = "admin:deployments_environment_change"


class Fields(HTMLParser):
    """What a browser sends of the form with this id, in order."""

    def __init__(self, page: str, form: str) -> None:
        super().__init__()
        self.sent: list[tuple[str, str]] = []
        self._form, self._inside, self._area, self._select = form, False, "", ""
        self._text: list[str] = []
        self._first: str | None = None
        self._chosen = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = said.get("id") == self._form
        mine = said.get("form", self._form if self._inside else "") == self._form
        name = said.get("name", "")
        if not (mine or self._select or self._area) or "disabled" in said:
            return
        if tag == "input" and name:
            kind = said.get("type", "text")
            if kind in ("submit", "button", "file", "image") or (
                kind in ("checkbox", "radio") and "checked" not in said
            ):
                return
            self.sent.append((name, said.get("value", "on" if kind == "checkbox" else "")))
        elif tag == "textarea":
            self._area, self._text = name, []
        elif tag == "select":
            self._select, self._first, self._chosen = name, None, "multiple" in said
        elif tag == "option" and self._select:
            if self._first is None:
                self._first = said.get("value", "")
            if "selected" in said:
                self.sent.append((self._select, said.get("value", "")))
                self._chosen = True

    def handle_data(self, data: str) -> None:
        if self._area:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "textarea" and self._area:
            self.sent.append((self._area, "".join(self._text).removeprefix("\n")))
            self._area = ""
        elif tag == "select" and self._select:
            if not self._chosen and self._first is not None:
                self.sent.append((self._select, self._first))
            self._select = ""


def posted(page: str, form: str = "environment_form") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in Fields(page, form).sent:
        found.setdefault(name, []).append(value)
    return found


@pytest.fixture
def asked(world: World) -> World:
    """An environment with all that its form lists beside its columns; groups have keys that pages might separate."""
    environment = world.environment
    world.requester.is_superuser = True
    world.requester.save()
    groups = [Group.objects.create(pk=1204, name="Leads"), Group.objects.create(pk=20350, name="Testers")]
    environment.deployers.set(groups)
    for stage, percent in (("PRODUCTION_TRAFFIC_SHIFT", 10), ("BAKE_TIME", None)):
        gate = GatePolicy.objects.create(environment=environment, stage=stage, percent=percent, timeout_minutes=90)
        gate.groups.set(groups)
    SmokeCheck.objects.create(environment=environment, path="/health", headers="X-Test: 1", timeout_seconds=7)
    OneOffTask.objects.create(
        environment=environment, name="seed", command="seed --all", timeout_seconds=600, position=9
    )
    return world


def test_an_environment_that_is_saved_as_it_was_shown_stays_as_it_is(asked: World, browse: Browser) -> None:
    before, address = freeze(asked.environment), reverse(CHANGE, args=[asked.environment.pk])
    client = browse(asked.requester)

    answer = client.post(address, posted(client.get(address).content.decode()))

    assert answer.status_code == 302
    saved = Environment.objects.get(pk=asked.environment.pk)
    assert freeze(saved) == before
    assert {each.name for each in saved.deployers.all()} == {"Leads", "Testers"}
    assert not Event.objects.exists()


def test_groups_are_still_ticked_where_something_else_was_wrong(asked: World, browse: Browser) -> None:
    before, address = freeze(asked.environment), reverse(CHANGE, args=[asked.environment.pk])
    client = browse(asked.requester)
    wrong = posted(client.get(address).content.decode()) | {"bake_seconds": ["a while"]}

    again = posted(client.post(address, wrong).content.decode())
    answer = client.post(address, again | {"bake_seconds": ["2 min"]})

    assert answer.status_code == 302
    saved = freeze(Environment.objects.get(pk=asked.environment.pk))
    assert (saved.gates, saved.bake_seconds) == (before.gates, 120)


def test_a_new_environment_has_the_gate_that_was_proposed(asked: World, browse: Browser) -> None:
    ensure_roles()
    client = browse(asked.requester)
    page = client.get(f"{reverse('admin:deployments_environment_add')}?by_hand=1").content.decode()
    filled = {
        "application": [str(asked.environment.application_id)], "name": ["preview"], "controller": ["ROLLING"],
        "strategy": ["ROLLING"], "region": ["eu-central-1"], "cluster": ["shop"], "service": ["preview"],
        "container_name": ["web"],
    }  # fmt: skip

    sent = posted(page) | filled
    stage = next(name for name in sent if name.endswith("-0-stage"))
    answer = client.post(reverse("admin:deployments_environment_add"), sent | {stage: ["BAKE_TIME"]})

    assert answer.status_code == 302, answer.context["errors"]
    (gate,) = freeze(Environment.objects.get(name="preview")).gates
    assert gate.groups == ("Approvers",)
