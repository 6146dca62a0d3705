"""How the door answers: who it lets in, what it says no with, lists, ETags, and requests that are sent twice."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from deployments.api import once
from deployments.delivery.models import Deployment
from deployments.ops import rate
from deployments.ops.models import Answered
from deployments.ops.models.answered import KEPT
from deployments.record.models import Event
from tests.api.conftest import ECR, Given, Pipeline
from tests.delivery import stages
from tests.delivery.engine.world import World, make_release
from tests.fakes.aws import FakeGateway
from tests.outages import away


def problem(answer: Any) -> dict[str, Any]:
    assert answer.headers["Content-Type"] == "application/problem+json"
    found: dict[str, Any] = json.loads(answer.content)
    assert found["status"] == answer.status_code
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer x", "Basic YTpi", "Bearer tealgate_" + "0" * 46])
def test_without_a_good_token_nothing_is_told(header: str | None) -> None:
    client = Client(headers={"Authorization": header} if header is not None else {})
    for path in ("/applications", "/environments", "/deployments/1", "/gates", "/events"):
        answer = client.get(f"/api/v1{path}")
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert problem(answer)["status"] == 401


def test_a_signed_in_browser_is_nobody_here(world: World, client: Client) -> None:
    client.force_login(world.requester)

    assert client.get("/api/v1/deployments").status_code == 401


def test_what_is_not_there_is_said_in_words(ci: Pipeline) -> None:
    assert problem(ci.get("/deployments/77"))["detail"] == "There is no deployment 77."
    assert problem(ci.get("/environments/shop/moon"))["detail"] == "There is no environment shop/moon."
    assert problem(ci.get(f"/deployments/{2**70}"))["status"] in (404, 422)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"version": "1.1.0"}, "reason"),
        ({"version": "1.1.0", "reason": "x", "stratgy": "CANARY"}, "stratgy"),
        ({"version": 7, "reason": "x"}, "version"),
        ({"version": "1.1.0", "reason": "x" * 501}, "reason"),
        ({"version": "1.1.0", "reason": "a\0b"}, "reason"),
        ({"version": "1.1.0", "reason": "x", "strategy": "YOLO"}, "strategy"),
        ([], ""),
    ],
)
def test_what_is_not_understood_is_named(ci: Pipeline, body: Any, field: str) -> None:
    said = problem(ci.post("/environments/shop/production/deployments", json.dumps(body)))

    assert said["status"] == 422
    assert said["field"] == field or not field
    assert said["detail"]


def test_a_misspelt_parameter_is_told_what_there_is(ci: Pipeline) -> None:
    said = problem(ci.get("/environments", {"aplication": "shop"}))

    assert (said["status"], said["field"]) == (422, "aplication")
    assert "This call does not take it. It takes application, cursor and limit." in said["detail"]
    assert problem(ci.post("/deployments/77/stop?dry_run=1"))["errors"][0]["sentence"] == (
        "This call takes no parameters."
    )


def test_head_finds_out_whether_it_changed_and_what_can_be_asked(ci: Pipeline) -> None:
    client = Client(headers={"Authorization": f"Bearer {ci.secret}"})
    seen = client.head("/api/v1/environments/shop/production")

    tag = {"If-None-Match": seen.headers["ETag"]}
    assert client.head("/api/v1/environments/shop/production", headers=tag).status_code == 304
    assert client.head("/api/v1/deployments/77").status_code == 404
    assert client.head("/api/v1/openapi.json").status_code == client.head("/api/v1/").status_code == 200
    for path, allowed in (("/deployments", {"GET", "HEAD"}), ("/deployments/1/stop", {"POST"})):
        refused = client.patch(f"/api/v1{path}")
        assert set(refused.headers["Allow"].split(", ")) == allowed


def test_no_json_and_too_much_of_it_are_problems(ci: Pipeline) -> None:
    assert problem(ci.post("/environments/shop/production/deployments", "{"))["status"] == 400
    much = json.dumps({"version": "1", "reason": "x" * 3_000_000})
    assert problem(ci.post("/environments/shop/production/deployments", much))["status"] == 413


def test_lists_come_in_pieces_newest_first(world: World, ci: Pipeline) -> None:
    for number in range(3):
        make_release(world.environment.application, version=f"2.{number}")

    first = ci.get("/applications/shop/releases", {"limit": 2}).json()
    rest = ci.get("/applications/shop/releases", {"limit": 2, "cursor": first["next_cursor"]}).json()

    assert [each["version"] for each in first["items"]] == ["2.2", "2.1"]
    assert first["next"] == f"http://testserver/api/v1/applications/shop/releases?limit=2&cursor={first['next_cursor']}"
    assert [each["version"] for each in rest["items"]] == ["2.0", world.release.version]
    assert rest["next"] is None
    for wrong in ({"limit": 0}, {"limit": 101}, {"cursor": "p=1"}, {"cursor": 2**63}):
        assert problem(ci.get("/applications/shop/releases", wrong))["status"] == 422


def test_who_has_it_already_is_told_so(ci: Pipeline) -> None:
    tag = ci.get("/environments/shop/production").headers["ETag"]
    again = ci.get("/environments/shop/production", If_None_Match=tag)

    assert (again.status_code, again.content) == (304, b"")


def test_a_request_that_is_sent_twice_is_done_once(world: World, ci: Pipeline) -> None:
    body = {"version": world.release.version, "reason": "nightly"}
    first = ci.post("/environments/shop/production/deployments", body, Idempotency_Key="run-1")
    again = ci.post("/environments/shop/production/deployments", body, Idempotency_Key="run-1")

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again.headers["Idempotent-Replayed"] == "true"
    assert Deployment.objects.count() == 1


def test_a_key_stands_for_one_request_of_one_token(world: World, ci: Pipeline, given: Given) -> None:
    body = {"version": world.release.version, "reason": "nightly"}
    ci.post("/environments/shop/production/deployments", body, Idempotency_Key="run-1")
    another = ci.post("/environments/shop/production/deployments", body | {"reason": "x"}, Idempotency_Key="run-1")
    other = given(name="other-ci").post("/environments/shop/production/deployments", body, Idempotency_Key="run-1")

    assert problem(another)["detail"] == "This Idempotency-Key was used for another request; use a new one."
    assert "is under way" in problem(other)["detail"] or problem(other)["status"] == 409


def test_what_was_refused_is_tried_again_under_its_key(world: World, ci: Pipeline) -> None:
    body = {"version": "9.9", "reason": "nightly"}
    assert ci.post("/environments/shop/production/deployments", body, Idempotency_Key="run-1").status_code == 404
    make_release(world.environment.application, version="9.9")

    assert ci.post("/environments/shop/production/deployments", body, Idempotency_Key="run-1").status_code == 201


def test_an_answer_that_was_lost_with_its_process_is_found_again(world: World, ci: Pipeline) -> None:
    body = {"version": world.release.version, "reason": "nightly"}
    path = "/environments/shop/production/deployments"
    first = ci.post(path, body, Idempotency_Key="run-1").json()
    Answered.objects.update(status=0, body="")  # killed after the deployment was made, before it was answered

    under_way = ci.post(path, body, Idempotency_Key="run-1")
    Answered.objects.update(at=timezone.now() - once.BEING_ANSWERED * 2)
    found = ci.post(path, body, Idempotency_Key="run-1")

    assert (under_way.status_code, under_way.headers["Retry-After"]) == (409, "2")
    assert (found.status_code, found.json()["id"]) == (201, first["id"])
    assert Deployment.objects.count() == 1


def test_a_stop_whose_answer_was_lost_is_not_guessed_at(world: World, ci: Pipeline) -> None:
    pk = stages.pending(world).pk
    ci.post(f"/deployments/{pk}/stop", {}, Idempotency_Key="stop-1")
    Answered.objects.update(status=0, at=timezone.now() - once.BEING_ANSWERED * 2)

    assert (
        "Look whether it was done"
        in problem(ci.post(f"/deployments/{pk}/stop", {}, Idempotency_Key="stop-1"))["detail"]
    )


def test_old_answers_are_forgotten(world: World, ci: Pipeline) -> None:
    pk = stages.pending(world).pk
    ci.post(f"/deployments/{pk}/stop", {}, Idempotency_Key="a")
    Answered.objects.update(at=timezone.now() - KEPT * 2)
    ci.post(f"/deployments/{pk}/retry", {}, Idempotency_Key="b")  # refused, which is not kept either

    assert not Answered.objects.exists()


@pytest.mark.parametrize("reason", ["nightly", "weekly"])
def test_after_a_day_a_key_stands_for_a_new_request(world: World, ci: Pipeline, reason: str) -> None:
    path, body = "/environments/shop/production/deployments", {"version": world.release.version, "reason": "nightly"}
    first = ci.post(path, body, Idempotency_Key="run-1").json()["id"]
    ci.post(f"/deployments/{first}/stop", {})
    world.run(Deployment.objects.get())
    yesterday = timezone.now() - KEPT * 2
    Answered.objects.update(at=yesterday)
    Deployment.objects.update(created_at=yesterday)

    later = ci.post(path, body | {"reason": reason}, Idempotency_Key="run-1")

    assert later.status_code == 201
    assert (later.json()["id"], later.json()["reason"]) != (first, "nightly")
    assert Deployment.objects.count() == 2


def test_whoever_asks_too_often_is_told_when_to_come_back(ci: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    bucket = rate.Bucket(burst=2, per_second=0.1, clock=lambda: now[0])
    monkeypatch.setattr(rate, "BY_TOKEN", bucket)

    assert [ci.get("/applications").status_code for _ in range(3)] == [200, 200, 429]
    refused = ci.get("/applications")
    assert refused.headers["Retry-After"] == "10"
    assert "asks too often" in problem(refused)["detail"]
    now[0] = 10
    assert ci.get("/applications").status_code == 200


def test_what_reads_aws_is_asked_for_more_seldom(
    aws: World, ecr: FakeGateway, ci: Pipeline, given: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate, "AWS_READERS", rate.Bucket(burst=3, per_second=0.1, clock=lambda: 0.0))
    version = {"version": aws.release.version}
    place, images = "/environments/shop/production", {"images": {"web": f"{ECR}:1.4"}}

    read = [ci.get(f"{place}/preflight"), ci.get(f"{place}/preview", version)]
    read.append(ci.post("/applications/shop/releases", {"version": "1.4", **images}))
    again = ci.post("/applications/shop/releases", {"version": "1.4", **images})
    further = [ci.get(f"{place}/preflight"), ci.get(f"{place}/preview", version)]
    further.append(ci.post("/applications/shop/releases", {"version": "1.5", **images}))

    assert [each.status_code for each in read] == [200, 200, 201]
    assert again.status_code == 200  # read from our own rows
    assert [each.status_code for each in further] == [429] * 3
    assert further[0].headers["Retry-After"] == "10"
    assert given(name="other").get(f"{place}/preflight").status_code == 200


def test_every_token_has_tries_of_its_own_and_forgotten_ones_begin_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate, "MOST_NAMES", 2)
    bucket = rate.Bucket(burst=1, per_second=0.5, clock=lambda: 0.0)

    assert [bucket.wait(name) for name in ("a", "b", "a", "c", "b")] == [0, 0, 2, 0, 0]


def test_ten_thousand_requests_of_one_token_leave_all_others_their_tries() -> None:
    limits = rate.BY_TOKEN
    bucket = rate.Bucket(burst=limits.burst, per_second=limits.per_second, clock=lambda: 0.0)

    taken = [bucket.wait("runaway") for _ in range(10_000)]

    assert (taken.count(0), taken[-1]) == (300, 1)
    assert [bucket.wait(name) for name in ("quiet", "other")] == [0, 0]


def test_the_description_names_every_address_and_the_page_shows_it(client: Client) -> None:
    described = client.get("/api/v1/openapi.json").json()
    page = client.get("/api/v1/")

    assert described["info"]["title"] == "Tealgate"
    assert "/api/v1/environments/{slug}/{name}/deployments" in described["paths"]
    assert b"swagger-ui" in page.content
    assert b"//cdn" not in page.content


def test_the_log_says_which_token_it_was(world: World, ci: Pipeline) -> None:
    ci.put("/environments/shop/production/lock", {"message": "freeze"})

    event = Event.objects.get(kind="environment.locked")
    assert (event.actor_kind, event.actor) == ("TOKEN", "shop-ci")


def test_a_person_who_may_not_make_tokens_cannot_be_asked(outsider: User) -> None:
    assert not outsider.has_perm("deployments.add_token")


def test_a_post_without_a_body_is_one_without_a_reason(world: World, ci: Pipeline) -> None:
    pk = stages.pending(world).pk
    client = Client(headers={"Authorization": f"Bearer {ci.secret}"})

    assert client.generic("POST", f"/api/v1/deployments/{pk}/stop").json()["status"] == "STOP_REQUESTED"


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/api", "/api/", "/api/v1", "/api/v2/x", "/api/v1/moon", "/api/v1/deployments/"])
def test_no_address_of_machines_sends_them_to_sign_in(client: Client, path: str) -> None:
    assert problem(client.get(path))["status"] == 404


@pytest.mark.django_db
def test_an_unknown_host_and_a_null_character_are_problems(client: Client) -> None:
    assert problem(client.get("/api/v1/deployments", headers={"Host": "evil.example"}))["status"] == 400
    assert problem(client.get("/api/v1/deployments?version=%00"))["status"] == 400


def test_while_the_database_is_away_a_pipeline_is_told_to_come_back(ci: Pipeline) -> None:
    with away(lambda: True):
        answer = ci.get("/deployments")

    assert (problem(answer)["status"], answer.headers["Retry-After"]) == (503, "5")
    assert ci.get("/deployments").status_code == 200
