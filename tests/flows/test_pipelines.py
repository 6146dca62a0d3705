"""A pipeline of CodePipeline and a job of GitHub's wait for people, and are told what became of the deployment."""

import hashlib
from collections.abc import Iterator

import pytest
from django.conf import LazySettings

from deployments import tasks
from deployments.catalog.models import Environment
from deployments.delivery import turning_back
from deployments.delivery.models import PipelineAnswer
from deployments.people.principal import Principal
from deployments.telling.forge.models import ForgeRepository
from deployments.vocabulary import Stage, Status
from sandbox.account import ACCOUNT, REGION
from tests.flows.clients import client
from tests.flows.storefront import Storefront, now
from tests.sandbox.test_pipelines import WAIT, make_pipeline, start, status, waiting
from tests.telling.forge.asking import question, send
from tests.telling.forge.conftest import RECEIVER, connected
from tests.telling.forge.github_server import GitHub, key_pair
from tests.telling.forge.server import served

pytestmark = [pytest.mark.flow, pytest.mark.django_db]
APPLICATIONS = ("storefront",)
ACTION = f"arn:aws:codepipeline:{REGION}:{ACCOUNT}:storefront/Production/{WAIT}"
CUSTOM_DATA = {"configuration": {"CustomData": "tealgate: storefront #{variables.VERSION}"}}


@pytest.fixture
def github(storefront: Storefront, settings: LazySettings) -> Iterator[GitHub]:
    """The shop's code is there; each release has a commit."""
    settings.OUTBOX_RECEIVERS = [RECEIVER]
    private, public = key_pair()
    github = GitHub(public, now)
    application = storefront.environment.application
    for release in application.releases.all():
        application.releases.filter(pk=release.pk).update(git_sha=sha(release.version))
        github.commits.add(sha(release.version))
    with served(github):
        forge = connected(github, private)
        ForgeRepository.objects.create(forge=forge, application=application, repository="shop/storefront")
        yield github


def sha(version: str) -> str:
    return hashlib.sha1(version.encode()).hexdigest()  # noqa: S324 - a commit's form, no secret


def a_job_asks(github: GitHub, version: str, run: int) -> None:
    address = f"{github.base}/repos/shop/storefront/actions/runs/{run}/deployment_protection_rule"
    github.waiting[run, "production"] = []
    deployment = {"id": run, "sha": sha(version)}
    said = question(github, deployment=deployment, deployment_callback_url=address)
    assert send(said, delivery=f"delivery-{run}").status_code == 202


def tell() -> None:
    """As the heartbeat has it done within seconds."""
    tasks.tell_pipelines()
    tasks.deliver()
    tasks.tell_forges()


def test_a_pipeline_and_a_job_wait_until_people_approved_and_hear_what_came_of_it(
    storefront: Storefront, github: GitHub
) -> None:
    codepipeline = client("codepipeline")
    make_pipeline(codepipeline, client("iam"), "storefront", "QUEUED", **CUSTOM_DATA)
    Environment.objects.filter(pk=storefront.environment.pk).update(approval_action=ACTION)
    good, bad = (start(codepipeline, version, "storefront") for version in ("1.1.0", "1.6.0"))

    deployment = storefront.deploy("1.1.0", "BLUE_GREEN")
    a_job_asks(github, "1.1.0", 1)
    storefront.to_the_gate(deployment)
    tell()
    assert waiting(codepipeline, "storefront")["status"] == "InProgress"  # as long as people take
    assert (github.states(1), github.waiting[1, "production"]) == (["in_progress"], [])
    storefront.approve(deployment)
    storefront.finish(deployment)
    tell()

    assert (deployment.status, status(codepipeline, good, "storefront")) == (Status.SUCCESSFUL, "Succeeded")
    assert status(codepipeline, bad, "storefront") == "InProgress"
    assert (github.states(1), github.commit_states(sha("1.1.0"))) == (
        ["in_progress", "success"], ["pending", "success"],
    )  # fmt: skip
    assert [review["state"] for review in github.waiting[1, "production"]] == ["approved"]

    turned_back = storefront.deploy("1.6.0", "BLUE_GREEN")
    a_job_asks(github, "1.6.0", 2)
    storefront.approve(turned_back)
    storefront.go(turned_back, lambda d: d.stage == Stage.BAKE_TIME)
    tell()
    turning_back.roll_back(
        deployment=turned_back, principal=Principal.person(storefront.manager), now=now(), reason="prices are wrong"
    )
    storefront.finish(turned_back)
    tell()

    assert status(codepipeline, bad, "storefront") == "Failed"
    assert "1.6.0 to storefront/production is rolled back: " in waiting(codepipeline, "storefront")["summary"]
    assert "prices are wrong" in waiting(codepipeline, "storefront")["summary"]
    assert list(PipelineAnswer.objects.order_by("pk").values_list("told", flat=True)) == ["Approved", "Rejected"]
    assert (github.states(1)[-1], github.states(2)) == ("success", ["in_progress", "failure"])
    (review,) = github.waiting[2, "production"]
    assert (review["state"], "prices are wrong" in review["comment"]) == ("rejected", True)
