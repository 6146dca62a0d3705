"""CodePipeline's action that waits for deployments: each failure made in the account, and what people read."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from deployments.preflight.report import Level
from sandbox.account import ACCOUNT
from sandbox.world.names import DEPLOYER
from tests.preflight.sandboxed.failures import Failure, is_told
from tests.preflight.sandboxed.scene import Scene
from tests.sandbox.test_pipelines import make_pipeline

WAIT = "Wait-for-Tealgate"


def waits(
    place: str = f"storefront/Production/{WAIT}",
    custom_data: str = "tealgate: storefront #{variables.VERSION}",
    **action: Any,
) -> Callable[[Scene], None]:
    """The environment names that place; the pipeline's action is like this."""

    def make(scene: Scene) -> None:
        pipelines, iam = scene.aws("codepipeline"), scene.aws("iam")
        make_pipeline(pipelines, iam, "storefront", **{"configuration": {"CustomData": custom_data}, **action})
        scene.undo.callback(iam.delete_role, RoleName="storefront-pipeline")
        scene.undo.callback(pipelines.delete_pipeline, name="storefront")
        name(scene, place)

    return make


def name(scene: Scene, place: str, account: str = ACCOUNT) -> None:
    scene.change(approval_action=f"arn:aws:codepipeline:{scene.settings.region}:{account}:{place}")


def in_another_account(scene: Scene) -> None:
    name(scene, f"storefront/Production/{WAIT}", "210987654321")


def of_nobody(scene: Scene) -> None:
    name(scene, f"storefront/Production/{WAIT}")


def may_not_be_told(scene: Scene) -> None:
    waits()(scene)
    iam = scene.aws("iam")
    policy = iam.get_role_policy(RoleName=DEPLOYER, PolicyName="pipeline-approval")["PolicyDocument"]
    iam.delete_role_policy(RoleName=DEPLOYER, PolicyName="pipeline-approval")
    looks_only = {**policy, "Statement": policy["Statement"][:1]}
    iam.put_role_policy(RoleName=DEPLOYER, PolicyName="pipeline-approval", PolicyDocument=json.dumps(looks_only))
    scene.undo.callback(
        iam.put_role_policy, RoleName=DEPLOYER, PolicyName="pipeline-approval", PolicyDocument=json.dumps(policy)
    )


BUILT: dict[str, Any] = {"actionTypeId": {"category": "Build", "owner": "AWS", "provider": "CodeBuild", "version": "1"}}
SAID = "pipeline-approval"
FAILURES = tuple(
    Failure(make, "pipeline", check, words, level=level)
    for make, check, words, level in (
        (in_another_account, SAID, "is in account 210987654321, and the environment's role in 1234", Level.WARNING),
        (of_nobody, SAID, "There is no action Wait-for-Tealgate in stage Production of", Level.WARNING),
        (waits("storefront/Staging/Wait"), SAID, "The pipeline has no stage Staging. Correct the", Level.WARNING),
        (waits("storefront/Build/Wait"), SAID, "The pipeline has no action Wait. Correct", Level.WARNING),
        (waits(**BUILT), SAID, "is Build by CodeBuild, which nobody can answer.", Level.WARNING),
        (waits(mode="PARALLEL"), SAID, "runs its executions in the mode PARALLEL, of which AWS", Level.WARNING),
        (waits(custom_data="Look!"), SAID, "waits without a word for which release, so it would", Level.WARNING),
        (waits(custom_data="tealgate: search 1"), SAID, "waits for search, not for storefront, so it", Level.WARNING),
        (may_not_be_told, "permissions", "To tell CodePipeline what it waits for, the role", Level.WARNING),
        (waits(), SAID, "is told what becomes of a deployment.", Level.OK),
    )
)


@pytest.mark.parametrize("failure", FAILURES, ids=str)
def test_what_is_wrong_with_the_pipeline_that_waits_is_told(failure: Failure, scene: Scene) -> None:
    is_told(failure, scene)


@pytest.mark.parametrize("controller", ["ROLLING"])
def test_a_pipeline_that_cannot_be_told_stands_in_nobodys_way(scene: Scene) -> None:
    of_nobody(scene)

    assert scene.look().passed
