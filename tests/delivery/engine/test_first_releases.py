"""A first release: nothing runs there yet. And a service that runs nothing on purpose."""

import pytest

from deployments.aws.actions import UpdateService
from deployments.delivery import turning_back
from deployments.delivery.models import Deployment
from deployments.delivery.views.deployment import deployment_view
from deployments.people.principal import Principal
from deployments.refused import Refused
from deployments.vocabulary import DeploymentKind, Stage, Status
from tests.delivery.engine.beginning_world import begun, connected
from tests.delivery.engine.rolling_world import api, make_rolling_world
from tests.delivery.engine.world import World, make_world, person
from tests.fakes.aws import API, SHOP, FakeGateway

pytestmark = pytest.mark.django_db

OLD, NEW = (API.task_definition(revision) for revision in (1, 2))


@pytest.fixture
def rolling(monkeypatch: pytest.MonkeyPatch) -> World:
    """Terraform made the service with a desired count of 0."""
    world = connected(make_rolling_world(first_desired=3), monkeypatch)
    _empty(world)
    return world


@pytest.fixture
def pair(monkeypatch: pytest.MonkeyPatch) -> World:
    world = connected(make_world(gate=False, strategy="BLUE_GREEN", first_desired=2), monkeypatch)
    images = world.aws.images
    world.aws = FakeGateway.pair(desired=0)
    world.aws.images.update(images)
    return world


@pytest.fixture
def off(monkeypatch: pytest.MonkeyPatch) -> World:
    """A development service that is switched off at night."""
    world = connected(make_rolling_world(may_run_nothing=True), monkeypatch)
    _empty(world)
    return world


def _empty(world: World) -> None:
    api(world).desired = api(world).running = 0


def updates(world: World) -> list[tuple[str | None, int | None]]:
    return [(each.task_definition, each.desired) for each in world.aws.performed if isinstance(each, UpdateService)]


def test_an_ordinary_deployment_of_an_empty_service_is_stopped(rolling: World) -> None:
    deployment = rolling.run(rolling.request("ROLLING"))

    assert deployment.status == Status.STOPPED
    assert "api has a desired count of 0" in deployment.status_reason


def test_a_first_release_of_a_rolling_service_gets_the_count_that_the_environment_says(rolling: World) -> None:
    deployment = rolling.run(begun(rolling, DeploymentKind.FIRST))

    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason
    assert updates(rolling) == [(NEW, 3)]
    assert (api(rolling).running, deployment.facts["desired"]) == (3, 3)
    assert deployment.events.get(kind="aws.UpdateService").message == (
        "api gets 1.1.0 (api:2) and a desired count of 3 instead of 0"
    )


def test_a_first_release_of_a_pair_starts_beside_the_empty_slot_and_takes_its_traffic(pair: World) -> None:
    deployment = pair.run(begun(pair, DeploymentKind.FIRST))

    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason
    assert (pair.share("green"), pair.aws.ecs[SHOP.cluster, SHOP.service("green")].running) == (100, 2)
    assert _place(pair, deployment) == "New 1.1.0 serves all production traffic. There is nothing to go back to."


def test_a_first_release_says_that_there_is_nothing_to_go_back_to(pair: World) -> None:
    deployment = begun(pair, DeploymentKind.FIRST)

    assert deployment.plan["steps"][0]["summary"].startswith(
        "First release: nothing runs there, and there is nothing to go back to. "
    )
    assert deployment.plan["way_back"][0]["summary"].startswith("Once the release serves only when somebody asks")
    event = deployment.events.get(kind="deployment.first_requested")
    assert [each["ailment"] for each in event.data["red"]] == ["NOTHING", "TARGETS"]


def failed(rolling: World) -> Deployment:
    rolling.aws.set_health(NEW, "unhealthy", "Target.ResponseCodeMismatch", "codes: [400]")
    deployment = rolling.run(begun(rolling, DeploymentKind.FIRST))
    assert deployment.status == Status.FAILED
    return deployment


def test_a_first_release_that_is_bad_stays_and_says_what_to_do(rolling: World) -> None:
    deployment = failed(rolling)

    assert updates(rolling) == [(NEW, 3)]
    assert deployment.status_reason.endswith(
        "Nothing ran before, so there is nothing to turn back to: api was left as it is. Deploy a release that mends "
        "it, as a repair; or choose Go back."
    )


def test_a_person_may_empty_the_service_again(rolling: World) -> None:
    deployment = failed(rolling)

    turning_back.retry_roll_back(
        deployment=deployment, principal=Principal.person(rolling.requester), now=rolling.clock()
    )
    rolling.run(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    assert updates(rolling) == [(NEW, 3), (OLD, 0)]
    assert "api has api:1 again and runs no task, as before" in deployment.status_reason


def test_a_person_may_go_back_to_the_empty_slot(pair: World) -> None:
    deployment = pair.run(begun(pair, DeploymentKind.FIRST), until="BAKE_TIME")
    assert "There is nothing to go back to" in _place(pair, deployment)

    turning_back.roll_back(deployment=deployment, principal=Principal.person(pair.requester), now=pair.clock())
    pair.run(deployment)

    assert (deployment.status, pair.share("blue")) == (Status.ROLLBACK_SUCCESSFUL, 100)
    assert [pair.aws.ecs[SHOP.cluster, SHOP.service(slot)].desired for slot in ("blue", "green")] == [0, 0]
    assert _place(pair, deployment) == "Nothing serves production."


def _place(pair: World, deployment: Deployment) -> str:
    return deployment_view(deployment, principal=Principal.person(pair.requester), now=pair.clock()).place


def test_where_something_runs_a_first_release_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    world = connected(make_rolling_world(), monkeypatch)

    with pytest.raises(Refused, match="Something runs there, so this is no first release"):
        begun(world, DeploymentKind.FIRST)


def test_where_nothing_is_to_run_a_repair_is_refused(rolling: World) -> None:
    with pytest.raises(Refused, match="Nothing is to run there, so there is nothing to repair"):
        begun(rolling, DeploymentKind.REPAIR)


def test_a_first_release_takes_a_right_of_its_own(pair: World) -> None:
    pair.requester = person("deployer", "add_deployment", "repair_deployment")

    with pytest.raises(Refused, match="You do not have the right to deploy a first release"):
        begun(pair, DeploymentKind.FIRST)


def test_a_service_that_is_switched_off_gets_the_release_without_a_task_and_says_so(off: World) -> None:
    deployment = off.run(off.request("ROLLING"))

    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason
    assert updates(off) == [(NEW, None)]
    assert (api(off).task_definition, api(off).running) == (NEW, 0)
    assert deployment.facts["warnings"] == [
        "api is to run no task, so nothing shows whether 1.1.0 works: it starts once somebody scales api up."
    ]


def asked(off: World) -> Deployment:
    """Somebody has to decide although there is nothing to watch."""
    off.environment.gate_policies.create(stage=Stage.BAKE_TIME, timeout_minutes=60)
    deployment = off.run(off.request("ROLLING"))
    assert deployment.gates.open().exists()
    return deployment


def test_a_service_that_is_switched_off_goes_back_without_a_task(off: World) -> None:
    deployment = asked(off)

    turning_back.stop(deployment=deployment, principal=Principal.person(off.requester), now=off.clock())
    off.run(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    assert (api(off).task_definition, api(off).running) == (OLD, 0)


def test_what_is_switched_off_while_it_is_deployed_is_no_success(off: World) -> None:
    """It was on when the deployment began, so nobody said that it may end without a task."""
    api(off).desired = api(off).running = 2
    off.aws.scale_after = 100
    deployment = off.request("ROLLING")
    while "update" not in deployment.facts.get("done", ()):
        off.advance(deployment)

    _empty(off)
    off.run(deployment)

    assert "api was set to a desired count of 0, so no task shows whether 1.1.0 works." in deployment.status_reason


def test_a_service_that_is_scaled_up_meanwhile_is_watched(off: World) -> None:
    deployment = asked(off)
    off.aws.set_health(NEW, "unhealthy", "Target.ResponseCodeMismatch", "codes: [500]")
    api(off).desired = api(off).running = 1

    off.approve(deployment)
    off.run(deployment)

    assert "No target of api is healthy" in deployment.status_reason
