"""A pipeline registers, deploys and waits; it is green only when its release is live and stays."""

import os
from pathlib import Path

import pytest

from deployments.delivery import turning_back
from deployments.delivery.models import Deployment
from deployments.people.principal import Principal
from deployments.record.models import Event
from tests.api.conftest import ECR
from tests.client.conftest import Server, Tealgate
from tests.delivery import stages
from tests.delivery.engine.world import World, make_release
from tests.fakes.aws import FakeGateway


@pytest.fixture
def going(world: World, server: Server) -> World:
    """While the client waits the engine goes on by a step, and people approve."""

    def go_on() -> None:
        deployment = Deployment.objects.latest("pk")
        if deployment.gates.open().exists():
            world.approve(deployment)
        position = deployment.position
        while deployment.position == position and not deployment.is_terminal and not deployment.gates.open().exists():
            world.advance(deployment)
            world.clock.now = max(world.clock.now, deployment.next_check_at or world.clock.now)

    server.meanwhile = go_on
    return world


def test_a_release_is_registered_with_the_commit_that_ci_names(
    ecr: FakeGateway, tealgate: Tealgate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI_COMMIT_SHA", "abcdef1234")
    monkeypatch.setenv("GITLAB_CI", "true")
    words = ("release", "register", "shop", "1.4", "--image", f"web={ECR}:1.4", "--json")

    first, again = tealgate(*words), tealgate(*words)

    assert (first.code, first.json["outcome"], again.json["outcome"]) == (0, "registered", "registered-before")
    assert first.json["release"]["git_sha"] == "abcdef1234"
    other = tealgate(*words[:-2], f"web={ECR}:1.5")
    assert other.code == 2
    assert "4444" in other.err and "5555" in other.err


def test_a_deployment_registers_its_release_first_where_images_are_given(
    ecr: FakeGateway, going: World, server: Server, tealgate: Tealgate
) -> None:
    words = ("deploy", "shop/production", "1.4", "--no-wait", "--json", "--image")

    first = tealgate(*words, f"web={ECR}:1.4")
    assert (first.code, first.json["outcome"], first.json["deployment"]["version"]) == (0, "asked", "1.4")
    before = len(server.asked)
    other = tealgate(*words, f"web={ECR}:1.5")
    assert (other.code, other.json["outcome"]) == (2, "refused")
    assert "4444" in other.err and "5555" in other.err
    assert tealgate(*words, "web=a", "--image", "web=b").code == 2
    assert [path for _, path, _ in server.asked[before:]] == ["/api/v1/applications/shop/releases"]


def test_a_deployment_is_waited_for_until_it_is_live_and_watched(going: World, tealgate: Tealgate) -> None:
    done = tealgate("deploy", "shop/production", going.release.version, "--json")

    assert (done.code, done.json["outcome"]) == (0, "live")
    assert done.json["deployment"]["kept_until"]
    assert done.json["deployment"]["percent"] == 100
    assert "Waiting for approval: 0 of 1 given." in done.err
    assert done.json["url"].endswith(f"/deployments/deployment/{Deployment.objects.get().pk}/change/")


def test_it_is_waited_for_to_its_end(going: World, tealgate: Tealgate) -> None:
    done = tealgate("deploy", "shop/production", going.release.version, "--until", "finished", "--timeout", "2h")

    assert done.code == 0
    assert "is live, and ended well" in done.out


def test_the_next_one_ends_the_warm_time_of_the_one_before_where_that_is_said(going: World, tealgate: Tealgate) -> None:
    make_release(going.environment.application, "1.2.0", "3")
    words = ("deploy", "shop/production", "1.2.0", "--finish-previous")
    tealgate("deploy", "shop/production", going.release.version, "--until", "gate")
    assert "is busy" in tealgate(*words).err, "one that people are asked about is not warm"
    tealgate("status", "shop/production", "--watch")

    assert "is busy" in tealgate(*words[:-1]).err
    done = tealgate(*words, "--until", "gate")
    assert (done.code, [each.status for each in Deployment.objects.order_by("pk")]) == (
        0,
        ["SUCCESSFUL", "IN_PROGRESS"],
    )
    assert "is kept warm. Ending that." in done.out


def test_one_who_waits_for_people_only_is_done_at_the_gate(going: World, tealgate: Tealgate) -> None:
    done = tealgate("deploy", "shop/production", going.release.version, "--until", "gate")

    assert (done.code, Deployment.objects.get().status) == (0, "IN_PROGRESS")
    assert "waits for people. It is not live yet." in done.out


def test_one_that_is_turned_back_is_red(going: World, server: Server, tealgate: Tealgate) -> None:
    def roll_back() -> None:
        deployment = going.run(Deployment.objects.get(), until="PRODUCTION_TRAFFIC_SHIFT")
        if deployment.can_be_stopped and not deployment.is_rolling_back and deployment.gates.exists():
            turning_back.stop(
                deployment=deployment, principal=Principal.person(going.requester), reason="no", now=going.clock()
            )

    server.meanwhile = roll_back
    done = tealgate("deploy", "shop/production", going.release.version, "--json")

    assert (done.code, done.json["outcome"]) == (1, "rolled-back")
    assert "is not live" in done.json["sentence"]


def test_one_that_ended_well_and_is_not_live_any_more_is_red(world: World, server: Server, tealgate: Tealgate) -> None:
    def overtaken() -> None:
        other = make_release(world.environment.application, "1.2.0", "3")
        Deployment.objects.update(status="SUCCESSFUL", finished_at=world.clock(), next_check_at=None)
        type(world.environment).objects.update(live_release=other)

    server.meanwhile = overtaken
    done = tealgate("deploy", "shop/production", world.release.version, "--json")

    assert (done.code, done.json["outcome"]) == (1, "not-live")
    assert "1.2.0 is what is live there now." in done.json["sentence"]


def test_what_was_put_beside_it_while_it_is_warm_is_not_green(going: World, server: Server, tealgate: Tealgate) -> None:
    go_on = server.meanwhile

    def put_beside() -> None:
        go_on()
        if Deployment.objects.get().stage == "CLEAN_UP":
            type(going.environment).objects.update(outside={"key": "x", "what": "shop:9"})

    server.meanwhile = put_beside
    done = tealgate("deploy", "shop/production", going.release.version, "--timeout", "1s", "--json")

    assert (done.code, done.json["outcome"]) == (3, "timed-out")


def test_whoever_waits_in_vain_is_told_what_goes_on(world: World, tealgate: Tealgate) -> None:
    done = tealgate("deploy", "shop/production", world.release.version, "--timeout", "0s", "--json")

    assert (done.code, done.json["outcome"]) == (3, "timed-out")
    assert "Waiting for a worker to pick it up." in done.json["sentence"]
    assert "goes on without this: https://tealgate.example.com/deployments/deployment/" in done.json["sentence"]


def test_an_answer_that_is_lost_asks_for_nothing_twice(going: World, server: Server, tealgate: Tealgate) -> None:
    """As if the web process, or the network, died between doing and answering."""
    server.lost = 1
    assert tealgate("deploy", "shop/production", going.release.version).code == 0
    assert Deployment.objects.count() == 1

    server.lost = 1
    kept = tealgate("extend", "shop/production", "--minutes", 30, "--json").json["deployment"]["kept_until"]
    assert Event.objects.filter(kind="deployment.extended").count() == 1
    assert kept


def test_a_run_that_is_started_again_finds_its_deployment(
    going: World, server: Server, tealgate: Tealgate, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "shop/shop", "GITHUB_RUN_ID": "77"}.items():
        monkeypatch.setenv(name, value)
    words = ("deploy", "shop/production", going.release.version)

    assert tealgate(*words, "--timeout", "0s").code == 3
    again = tealgate(*words)
    assert again.code == 0
    assert "was asked for by this run before" in again.out
    assert Deployment.objects.count() == 1
    monkeypatch.setenv("GITHUB_RUN_ID", "78")
    assert "is busy: 1.1.0 is live there" in tealgate(*words, "--no-wait").err


def test_names_of_a_run_fit_into_a_header_and_outputs_are_there_without_a_wait(
    world: World, server: Server, tealgate: Tealgate, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in {"GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "läden/店 1", "GITHUB_RUN_ID": "7"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))

    assert tealgate("deploy", "shop/production", "1.1.0", "--no-wait").code == 0
    assert server.keys[0].startswith("github:l-den/--1:7:")
    assert (tmp_path / "output").read_text().startswith("deployment=")
    assert "--key goes into a header" in tealgate("deploy", "shop/production", "1.1.0", "--key", "ключ").err
    monkeypatch.setenv("TEALGATE_TOKEN", "tealgate_x\nX-Other: y")
    assert "Was it pasted whole?" in tealgate("environments").err


def test_a_run_that_is_started_again_after_a_roll_back_deploys_again(
    world: World, server: Server, tealgate: Tealgate, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"TRAVIS": "true", "TRAVIS_BUILD_ID": "9"}.items():
        monkeypatch.setenv(name, value)
    words = ("deploy", "shop/production", world.release.version, "--no-wait")
    tealgate(*words)
    Deployment.objects.update(status="ROLLBACK_SUCCESSFUL", finished_at=world.clock(), next_check_at=None)

    again = tealgate(*words)

    assert again.code == 0
    assert "Asking for another one" in again.out
    assert Deployment.objects.count() == 2
    assert tealgate(*words).code == 0
    assert Deployment.objects.count() == 2


def test_what_is_refused_is_said_in_words(world: World, tealgate: Tealgate) -> None:
    done = tealgate("deploy", "shop/production", "77", "--json")

    assert (done.code, done.json["outcome"]) == (2, "refused")
    assert done.json["sentence"] == "Shop has no release 77."
    assert tealgate("deploy", "production", "77").code == 2
    assert tealgate("deploy", "shop/../..", "77").code == 2


def test_a_name_of_somebody_elses_stays_one_part_of_an_address(
    world: World, server: Server, tealgate: Tealgate
) -> None:
    done = tealgate("release", "list", "shop/../../gates?open=true")

    assert done.code == 2
    assert server.asked[-1][1] == "/api/v1/applications/shop%2F..%2F..%2Fgates%3Fopen%3Dtrue/releases"


def test_environments_are_listed_and_checked(aws: World, tealgate: Tealgate) -> None:
    stages.pending(aws)

    assert "is under way" in tealgate("environments").out
    assert tealgate("environments", "--json").json["environments"][0]["name"] == "production"
    checked = tealgate("environments", "check", "shop/production")
    assert checked.code == (0 if "✗" not in checked.out else 1)
    assert "✓" in checked.out


def test_nothing_of_this_machine_is_told(world: World, tealgate: Tealgate) -> None:
    assert os.environ["TEALGATE_TOKEN"] not in "".join(
        (tealgate("environments").out, tealgate("deploy", "a/b", "1").err)
    )
