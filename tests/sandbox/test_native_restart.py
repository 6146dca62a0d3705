"""Service deployments after a restart with the same state directory."""

from pathlib import Path
from typing import Any

from sandbox.server import Sandbox
from tests.sandbox.conftest import EPHEMERAL, eventually
from tests.sandbox.lattice import Lattice
from tests.sandbox.native import FAST, PRODUCTION, Native, pause, role
from tests.sandbox.shop import CLUSTER, steady


def opened(directory: Path) -> Sandbox:
    return Sandbox(scale=FAST, listener_ports=EPHEMERAL, applications=["storefront"], state=directory)


def resumed(native: Native, sandbox: Sandbox) -> Native:
    """The same service in another run."""
    again = object.__new__(Native)
    again.__dict__ |= vars(native) | {
        "sandbox": sandbox,
        "ecs": sandbox.client("ecs"),
        "elb": sandbox.client("elbv2"),
    }
    return again


def history(native: Native) -> list[dict[str, Any]]:
    listed = native.ecs.list_service_deployments(cluster=CLUSTER, service=native.name)
    return list(listed["serviceDeployments"])


def test_finished_deployments_and_the_live_target_group_are_remembered(tmp_path: Path) -> None:
    with opened(tmp_path) as first:
        lattice = Lattice(first)
        way = lattice.way(role(first, "vpc-lattice:UpdateRule"))
        hook = pause("POST_TEST_TRAFFIC_SHIFT")
        native = Native(first, lattice=[way], strategy="BLUE_GREEN", lifecycleHooks=[hook])
        good, bad = native.deploy("1.1.0"), ""
        native.answer(good, native.paused(good))
        native.until(good, "SUCCESSFUL")
        bad = native.deploy("1.6.0")
        native.answer(bad, native.paused(bad), "ROLLBACK")
        native.until(bad, "ROLLBACK_SUCCESSFUL")
        before, revision = history(native), native.at(good)["targetServiceRevision"]["arn"]
        native.update(desiredCount=2)

    with opened(tmp_path) as second:
        again = resumed(native, second)
        assert history(again) == before
        assert again.current() == bad
        seen = steady(again.ecs, again.name)
        assert seen["runningCount"] == 2
        assert [each["arn"] for each in seen["currentServiceRevisions"]] == [revision]
        lattice.aws = second.client("vpc-lattice")
        assert again.weights(again.production) == lattice.weights() == (0, 100)
        assert again.version_at(PRODUCTION) == "1.1.0"

    with opened(tmp_path) as third:
        assert history(resumed(native, third)) == before


def test_a_deployment_under_way_begins_again_with_all_traffic_on_its_source(tmp_path: Path) -> None:
    canary = {"canaryPercent": 40.0, "canaryBakeTimeInMinutes": 600}
    with opened(tmp_path) as first:
        hooks = [pause("POST_TEST_TRAFFIC_SHIFT")]
        native = Native(first, strategy="CANARY", canaryConfiguration=canary, lifecycleHooks=hooks)
        arn = native.deploy("1.1.0")
        hook = native.paused(arn)
        native.answer(arn, hook)
        eventually(lambda: native.weights(native.production) == (60, 40))
        native.update(desiredCount=2)

    with opened(tmp_path) as second:
        again = resumed(native, second)
        anew = again.paused(arn)
        assert anew != hook
        assert again.weights(again.production) == (100, 0)
        assert [each["status"] for each in history(again)] == ["IN_PROGRESS", "SUCCESSFUL"]
        assert again.version_at(PRODUCTION) == "1.0.0"
        again.answer(arn, anew)
        eventually(lambda: again.weights(again.production) == (60, 40))
        again.stop(arn)
        again.until(arn, "ROLLBACK_SUCCESSFUL")
