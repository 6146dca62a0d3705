"""A pipeline of CodePipeline waits for people, and is told by Tealgate what became of the deployment."""

import pytest

from deployments import tasks
from deployments.catalog.models import Environment
from deployments.delivery import turning_back
from deployments.delivery.models import PipelineAnswer
from deployments.people.principal import Principal
from deployments.vocabulary import Stage, Status
from sandbox.account import ACCOUNT, REGION
from tests.flows.clients import client
from tests.flows.storefront import Storefront, now
from tests.sandbox.test_pipelines import WAIT, make_pipeline, start, status, waiting

pytestmark = [pytest.mark.flow, pytest.mark.django_db]
APPLICATIONS = ("storefront",)
ACTION = f"arn:aws:codepipeline:{REGION}:{ACCOUNT}:storefront/Production/{WAIT}"
CUSTOM_DATA = {"configuration": {"CustomData": "tealgate: storefront #{variables.VERSION}"}}


def test_a_pipeline_waits_until_people_approved_and_hears_what_came_of_it(storefront: Storefront) -> None:
    codepipeline = client("codepipeline")
    make_pipeline(codepipeline, client("iam"), "storefront", "QUEUED", **CUSTOM_DATA)
    Environment.objects.filter(pk=storefront.environment.pk).update(approval_action=ACTION)
    good, bad = (start(codepipeline, version, "storefront") for version in ("1.1.0", "1.6.0"))

    deployment = storefront.deploy("1.1.0", "BLUE_GREEN")
    storefront.to_the_gate(deployment)
    tasks.tell_pipelines()
    assert waiting(codepipeline, "storefront")["status"] == "InProgress"  # as long as people take
    storefront.approve(deployment)
    storefront.finish(deployment)
    tasks.tell_pipelines()

    assert (deployment.status, status(codepipeline, good, "storefront")) == (Status.SUCCESSFUL, "Succeeded")
    assert status(codepipeline, bad, "storefront") == "InProgress"

    turned_back = storefront.deploy("1.6.0", "BLUE_GREEN")
    storefront.approve(turned_back)
    storefront.go(turned_back, lambda d: d.stage == Stage.BAKE_TIME)
    turning_back.roll_back(
        deployment=turned_back, principal=Principal.person(storefront.manager), now=now(), reason="prices are wrong"
    )
    storefront.finish(turned_back)
    tasks.tell_pipelines()

    assert status(codepipeline, bad, "storefront") == "Failed"
    assert "1.6.0 to storefront/production is rolled back: " in waiting(codepipeline, "storefront")["summary"]
    assert "prices are wrong" in waiting(codepipeline, "storefront")["summary"]
    assert list(PipelineAnswer.objects.order_by("pk").values_list("told", flat=True)) == ["Approved", "Rejected"]
