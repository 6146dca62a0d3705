"""CODE_DEPLOY on servers before CodeDeploy is told anything: plans, preflight, and what is read."""

from collections.abc import Mapping
from typing import Any

import pytest

from deployments.aws.codedeploy_values import Bundle, DeploymentGroup, LastDeployment, MinimumHealthy
from deployments.frozen import SmokeSpec, TaskSpec
from deployments.swaps.decisions import Advance
from deployments.swaps.facts import sure
from deployments.vocabulary import Stage, Strategy
from tests.fakes.aws import FakeGateway
from tests.swaps import cases
from tests.swaps.cases import NOON, seconds, wants_approval
from tests.swaps.code_deploy_cases import learnt
from tests.swaps.server_cases import BUNDLE, CONTROLLER, INSTALL, SERVERS, at, decide, deployment


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"one_off_tasks": (TaskSpec(name="migrate", command=("x",)),)}, "run no one-off tasks"),
        ({"smoke_checks": (SmokeSpec(path="/"),)}, "ValidateService"),
    ],
)
def test_what_servers_cannot_have_is_said(environment: Mapping[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        CONTROLLER.plan(cases.settings(**SERVERS | dict(environment)), Strategy.ALL_AT_ONCE)


def test_strategies_and_a_gate_before_anything_is_told() -> None:
    settings = cases.settings(**SERVERS | wants_approval(Stage.PRE_SCALE_UP))

    plan = CONTROLLER.plan(settings, Strategy.GROUP_CONFIG)

    assert CONTROLLER.strategies(settings)[-1] is Strategy.ONE_AT_A_TIME
    assert [step.stage for step in plan.steps if step.gate] == [Stage.PRE_SCALE_UP]


def test_what_servers_run_is_the_bundle_of_the_last_good_deployment() -> None:
    settings, gateway = cases.settings(**SERVERS), account()
    with pytest.raises(ValueError, match="CodeDeploy has brought no bundle to the servers of web yet; deploy one"):
        CONTROLLER.live(settings, gateway)

    last = LastDeployment(id="d-7", status="Succeeded", created_at=NOON, ended_at=NOON + seconds(60))
    live = CONTROLLER.live(settings, account(bundle=BUNDLE, last_successful=last, last_attempted=last))

    assert (live.bundle, live.by, live.since, live.settled) == (BUNDLE, "d-7", NOON + seconds(60), True)
    running = LastDeployment(id="d-8", status="InProgress")
    under_way = account(bundle=BUNDLE, last_successful=last, last_attempted=running)
    hotfix = {**BUNDLE, "key": "hotfix.zip"}
    under_way.codedeploy["d-8"] = deployment(id="d-8", bundle=hotfix, creator="user")
    live = CONTROLLER.live(settings, under_way)
    assert not live.settled
    assert live.coming
    assert (live.coming.bundle, live.coming.by) == (hotfix, "CodeDeploy's deployment d-8 (created by user)")


def account(**group: Any) -> FakeGateway:
    gateway = FakeGateway()
    found = DeploymentGroup(
        **{"application": "reports", "name": "web", "platform": "Server", "config": "own", "tag_filters": 1, **group}
    )
    gateway.codedeploy_groups["reports", "web"] = found
    gateway.bundles["bundles", "reports-1.1.0.zip"] = Bundle(etag="0123")
    gateway.healthy["own"] = MinimumHealthy(kind="HOST_COUNT", value=1)
    return gateway


def errors_of(gateway: FakeGateway, **release: Any) -> list[str]:
    usual: dict[str, Any] = {"images": {}, "platforms": {}, "references": {}, "bundle": BUNDLE}
    artefact = cases.release(**usual | release)
    return [result.check for result in CONTROLLER.preflight(cases.settings(**SERVERS), artefact, gateway, NOON).errors]


def test_preflight_of_servers() -> None:
    assert errors_of(account()) == []
    assert errors_of(account(tag_filters=0)) == ["instances"]
    assert errors_of(account(platform="ECS")) == ["deployment-group-platform"]
    assert errors_of(account(), bundle={**BUNDLE, "key": "gone.zip"}) == ["bundle-exists"]
    assert errors_of(account(), bundle={**BUNDLE, "eTag": "of another archive"}) == ["bundle-unchanged"]
    assert errors_of(account(), bundle=None) == ["release-kind"]
    assert errors_of(account(style="BLUE_GREEN", fleet="DISCOVER_EXISTING", auto_scaling_groups=("web",))) == ["fleet"]
    empty, all_of_them = account(), account()
    empty.instances = ()
    assert errors_of(empty) == ["instances"]
    all_of_them.healthy["own"] = MinimumHealthy(kind="FLEET_PERCENT", value=100)
    assert errors_of(all_of_them) == ["minimum-healthy-hosts"]
    busy = account()
    busy.codedeploy["d-9"] = deployment(id="d-9")
    assert errors_of(busy) == ["code-deployment"]
    denied = account()
    denied.denied.add("codedeploy:CreateDeployment")
    assert errors_of(denied) == ["permissions"]


def test_preflight_says_what_servers_have_and_that_it_was_restarted_last() -> None:
    gateway = account()
    gateway.codedeploy["d-7"] = deployment("Succeeded", id="d-7", bundle=BUNDLE, mode="RESTART")

    report = CONTROLLER.preflight(cases.settings(**SERVERS), None, gateway, NOON)

    (said,) = [result.seen for result in report.results if result.check == "way-back"]
    assert said == (
        "The servers have s3://bundles/reports-1.1.0.zip?versionId=v1, by d-7, which restarted what was there; it can "
        "be installed again."
    )


def test_reconciling_looks_at_the_group_and_the_rest_at_the_deployment() -> None:
    gateway = account()
    snapshot = at(Stage.RECONCILE_SERVICE, done=())

    decision = decide(snapshot, CONTROLLER.observe(snapshot, gateway, NOON))

    assert isinstance(decision, Advance), decision
    assert sure(learnt(decision).group).config == "own"
    gateway.codedeploy["d-1"] = deployment(description="[tealgate 7-abc] 1.1.0")
    observed = CONTROLLER.observe(at(INSTALL, done=()), gateway, NOON)
    assert (observed.deployment.id, observed.stranger) == ("d-1", None)
    assert CONTROLLER.observe(at(INSTALL), gateway, NOON).deployment.id == "d-1"
