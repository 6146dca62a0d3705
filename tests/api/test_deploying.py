"""A pipeline registers, asks, waits and turns back; people decide."""

import threading
from typing import Any

import pytest
from django.utils import timezone

from deployments.api import waiting
from deployments.delivery.models import Approval, Deployment
from deployments.record.models import Event
from tests.api.conftest import ECR, Given, Pipeline
from tests.api.test_door import problem
from tests.delivery import stages
from tests.delivery.engine.world import World
from tests.fakes.aws import FakeGateway

PATH = "/environments/shop/production/deployments"


def registered(ci: Pipeline, **changes: Any) -> Any:
    body = {"version": "1.4", "images": {"web": f"{ECR}:1.4"}, "git_sha": "abcdef1", "notes": "Faster"} | changes
    return ci.post("/applications/shop/releases", body)


def test_a_release_is_registered_once_however_often_it_is_sent(ecr: FakeGateway, ci: Pipeline) -> None:
    first, again = registered(ci), registered(ci)

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert first.json()["images"][0]["pinned"] == f"{ECR}@sha256:" + "4" * 64
    assert first.json()["registered_by"] == "shop-ci"
    assert Event.objects.filter(kind="release.registered").count() == 1


def test_another_digest_under_the_same_version_is_a_conflict_with_both(ecr: FakeGateway, ci: Pipeline) -> None:
    registered(ci)
    said = problem(registered(ci, images={"web": f"{ECR}:1.5"}))

    assert said["status"] == 409
    assert said["registered"] == {"web": f"{ECR}@sha256:" + "4" * 64}
    assert said["asked"] == {"web": f"{ECR}@sha256:" + "5" * 64}
    assert "register these under a new version" in said["detail"]


def test_a_definition_comes_with_it_and_another_one_is_a_conflict(ecr: FakeGateway, ci: Pipeline) -> None:
    document = {"family": "shop", "containerDefinitions": [{"name": "web", "image": "<IMAGE1_NAME>"}]}
    body = {"images": {"web": f"{ECR}:1.4"}, "task_definition": document}

    assert registered(ci, **body).status_code == 201
    assert registered(ci, **body).status_code == 200
    other = problem(registered(ci, **body | {"task_definition": {**document, "family": "hidden-shop"}}))
    assert other["registered"]["task definition"] != other["asked"]["task definition"]
    assert "hidden-shop" not in str(other)  # no digest has such letters


def test_a_definition_sent_as_text_is_told_about_by_its_line(ecr: FakeGateway, ci: Pipeline) -> None:
    said = problem(registered(ci, task_definition='{\n  "family": "shop",\n}'))

    assert (said["status"], said["field"]) == (422, "task_definition")
    assert "taskdef.json, line 3" in said["detail"]


def test_what_no_registry_has_is_refused_with_its_field(ecr: FakeGateway, ci: Pipeline) -> None:
    said = problem(registered(ci, images={"web": f"{ECR}:9.9"}))

    assert (said["status"], said["field"]) == (422, "images")
    assert "does not exist in ECR" in said["detail"]


def test_a_deployment_is_asked_for_by_a_token_on_somebodys_behalf(world: World, ci: Pipeline) -> None:
    made = ci.post(PATH, {"version": world.release.version, "reason": "merged to main"})

    assert made.status_code == 201
    row = Deployment.objects.get()
    assert (row.requested_by, row.requested_through) == (world.requester, "shop-ci")
    assert made.json()["requested_by"] == "requester, by the token shop-ci"
    event = Event.objects.get(kind="deployment.requested")
    assert (event.actor_kind, event.actor) == ("TOKEN", "shop-ci")


def test_a_deployment_brings_its_applications_links(world: World, ci: Pipeline) -> None:
    shown = {"on_deployment": True, "on_gate": False}
    links = world.environment.application.links
    links.create(name="Ticket", template="https://shop.example.com/browse/{ticket}", **shown)
    links.create(name="Gone", template="https://shop.example.com/{git_sha}", **shown)
    deployment = world.request()
    deployment.environment.application.releases.update(notes="Faster, see SHOP-123.")

    assert ci.get(f"/deployments/{deployment.pk}").json()["links"] == [
        {"name": "Ticket", "url": "https://shop.example.com/browse/SHOP-123"}
    ]


def test_who_answers_for_the_token_does_not_approve_what_it_asked_for(world: World, ci: Pipeline) -> None:
    world.requester.groups.set(world.approver.groups.all() | world.requester.groups.all())
    pk = ci.post(PATH, {"version": world.release.version, "reason": "merged"}).json()["id"]
    deployment = world.run(Deployment.objects.get(pk=pk))

    with pytest.raises(Exception, match="You asked for this deployment"):
        world.approve(deployment, world.requester)
    world.approve(deployment)
    assert Approval.objects.get().person == world.approver


@pytest.mark.parametrize("verdict", ["approve", "reject"])
def test_no_token_decides_at_a_gate(world: World, ci: Pipeline, verdict: str) -> None:
    world.requester.is_superuser = True
    world.requester.save()
    gate = stages.at_gate(world, requester_may_approve=True)

    said = problem(ci.post(f"/gates/{gate.pk}/{verdict}", {"comment": "LGTM"}))

    assert (said["status"], said["title"]) == (403, "People decide")
    assert "shop-ci is a token" in said["detail"]
    assert f"/deployments/deployment/{gate.deployment_id}/change/" in said["detail"]
    assert not Approval.objects.exists()
    assert ci.get("/gates", {"open": "true"}).json()["items"][0]["id"] == gate.pk


def test_what_has_changed_since_the_preview_is_refused(aws: World, ci: Pipeline) -> None:
    version = aws.release.version
    seen = ci.get("/environments/shop/production/preview", {"version": version}).json()
    assert seen["refusals"] == []
    assert [step["asks"] for step in seen["steps"] if step["asks"]]
    aws.environment.bake_seconds += 1
    aws.environment.save()

    body = {"version": version, "reason": "merged", "fingerprint": seen["fingerprint"]}
    assert "changed since you looked" in problem(ci.post(PATH, body))["detail"]
    fresh = ci.get("/environments/shop/production/preview", {"version": version}).json()["fingerprint"]
    assert ci.post(PATH, body | {"fingerprint": fresh}).status_code == 201


def test_preflight_is_answered_by_level(aws: World, ci: Pipeline) -> None:
    found = ci.get("/environments/shop/production/preflight", {"version": aws.release.version}).json()

    assert [level["level"] for level in found["levels"]][-1] == "ok"
    assert found["passed"] is (found["levels"][0]["level"] != "error")


def test_a_release_of_another_application_is_not_there(world: World, ci: Pipeline) -> None:
    assert problem(ci.post(PATH, {"version": "77", "reason": "x"}))["detail"] == "Shop has no release 77."


def test_a_locked_environment_says_who_and_why(world: World, ci: Pipeline) -> None:
    locked = ci.put("/environments/shop/production/lock", {"message": "freeze"}).json()
    refused = problem(ci.post(PATH, {"version": world.release.version, "reason": "x"}))

    assert (locked["lock"]["by"], locked["lock"]["message"]) == ("requester, by the token shop-ci", "freeze")
    assert refused["status"] == 409
    assert "freeze" in refused["detail"]
    assert ci.delete("/environments/shop/production/lock").json()["lock"] is None
    assert problem(ci.delete("/environments/shop/production/lock"))["detail"] == "shop/production is not locked."


def test_a_pipeline_stops_and_is_told_when_it_is_too_late(world: World, ci: Pipeline, given: Given) -> None:
    pk = stages.pending(world).pk
    weak = given("read", "deployments:write", name="weak")

    assert problem(weak.post(f"/deployments/{pk}/stop"))["status"] == 403
    assert ci.post(f"/deployments/{pk}/stop", {"reason": "tests failed"}).json()["status"] == "STOP_REQUESTED"
    assert problem(ci.post(f"/deployments/{pk}/roll-back"))["status"] == 409
    for act, body in (("retry", {}), ("extend", {"minutes": 5}), ("finish", {}), ("go-on", {})):
        assert problem(ci.post(f"/deployments/{pk}/{act}", body))["status"] == 409


def test_live_is_only_what_is_live_and_stays(world: World, ci: Pipeline) -> None:
    deployment = world.request()
    assert ci.get(f"/deployments/{deployment.pk}").json()["is_live"] is None
    while not world.run(deployment).is_terminal:
        world.approve(deployment)
    assert ci.get(f"/deployments/{deployment.pk}").json()["is_live"] is True

    type(world.environment).objects.update(live_release=None)
    assert ci.get(f"/deployments/{deployment.pk}").json()["is_live"] is False


def test_lists_of_deployments_are_filtered_as_the_pages_do(world: World, ci: Pipeline) -> None:
    deployment = stages.pending(world)

    def found(**query: str) -> list[int]:
        return [each["id"] for each in ci.get("/deployments", query).json()["items"]]

    assert found(application="shop", environment="production", unfinished="true") == [deployment.pk]
    assert found(status="SUCCESSFUL") == found(unfinished="false") == found(version="77") == []
    assert ci.get(f"/deployments/{deployment.pk}/events").json()["items"][0]["kind"] == "deployment.requested"
    newest = Event.objects.latest("pk").pk
    assert ci.get("/events", {"after": str(newest - 1)}).json()["items"][0]["id"] == newest


def test_whoever_has_seen_less_is_answered_at_once(world: World, ci: Pipeline) -> None:
    deployment = stages.pending(world)
    before = ci.get(f"/deployments/{deployment.pk}").json()["seen"]
    world.advance(deployment)

    assert ci.get(f"/deployments/{deployment.pk}", {"wait": "60", "seen": before}).json()["seen"] != before


@pytest.mark.parametrize("there", [stages.pending, lambda world: stages.at_gate(world).deployment])
def test_what_was_seen_is_what_is_waited_with(world: World, ci: Pipeline, there: Any) -> None:
    pk = there(world).pk

    assert ci.get(f"/deployments/{pk}").json()["seen"] == waiting.state(pk)


def test_when_too_many_wait_the_next_is_asked_to_come_back(
    world: World, ci: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "_slots", threading.BoundedSemaphore(1))
    waiting._slots.acquire()

    answer = ci.get(f"/deployments/{stages.pending(world).pk}", {"wait": "60"})

    assert answer.headers["Retry-After"] == "1"


@pytest.mark.django_db(transaction=True)
def test_whoever_waits_is_told_of_a_change_and_not_before(world: World, ci: Pipeline) -> None:
    deployment = stages.pending(world)
    looks = iter([None, None, "changed"])
    real = waiting._states

    def states(pks: Any) -> Any:
        if next(looks, None) == "changed":
            Deployment.objects.update(status="IN_PROGRESS")
        return real(pks)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(waiting, "_states", states)
        patch.setattr(waiting, "EVERY", 0.001)
        began = timezone.now()
        told = ci.get(f"/deployments/{deployment.pk}", {"wait": "60"}).json()

    assert told["status"] == "IN_PROGRESS"
    assert (timezone.now() - began).total_seconds() < 60
