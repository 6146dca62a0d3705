"""What CI systems are given to do, done as they do it: against a whole Tealgate, to a release that is live."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from django.utils import timezone

from tests.fakes.issuer import Issuer, issuing
from tests.flows.test_killed_worker import TOKEN
from tests.recipes import runners
from tests.recipes.runners import Job
from tests.stack import ROOT, Stack, wait_for

pytestmark = pytest.mark.flow

POLICY = {"strategy": "BLUE_GREEN", "bake_seconds": 0, "termination_wait_seconds": 0, "min_requests": 1}
IMAGES = "SELECT repository || '@' || digest FROM deployments_releaseimage ORDER BY id"
LIVE = """
    SELECT release.version FROM deployments_environment environment
    JOIN deployments_release release ON release.id = environment.live_release_id WHERE environment.name = 'staging'
"""
UNFINISHED = "SELECT id FROM deployments_deployment WHERE finished_at IS NULL"
PUSHES = ["docker build", "docker push", "docker inspect"]


#: Of the recipe that keeps no secret.
TRUST = """
from django.contrib.auth.models import User
from django.utils import timezone
from deployments.catalog.trusts import making
from deployments.models import Application, Environment
from deployments.people.principal import Principal
making.make(name="gitlab", issuer={issuer!r}, audience={audience!r}, claims={{"repository": "shop/storefront"}},
    scopes=["read", "releases:write", "deployments:write"], applications=list(Application.objects.all()),
    environments=list(Environment.objects.filter(name="staging")),
    principal=Principal.person(User.objects.get(username="admin")), now=timezone.now())
"""


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with issuing() as found:
        yield found


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, issuer: Issuer) -> Iterator[Stack]:
    more = {"OIDC_PLAIN_ISSUERS": issuer.name}
    with Stack(tmp_path_factory.mktemp("recipes"), scale=60, policy=POLICY, forked=True, more=more) as found:
        found.run(TRUST.format(issuer=issuer.name, audience=found.url))
        yield found


@pytest.fixture(scope="module")
def variables(stack: Stack, issuer: Issuer) -> dict[str, str]:
    id_token = issuer.token(timezone.now(), aud=stack.url)
    return {"TEALGATE_URL": stack.url, "TEALGATE_TOKEN": stack.run(TOKEN).strip(), "TEALGATE_ID_TOKEN": id_token}


@pytest.fixture(scope="module")
def pyz(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("client") / "tealgate.pyz"
    subprocess.run([sys.executable, "client/pyz.py", made], cwd=ROOT, check=True)
    made.chmod(0o755)
    return made


def github(job: Job) -> int:
    files = {name: str(job.folder / name) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    run = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_SHA": "1" * 40,
        "GITHUB_RUN_ID": "7",
        "GITHUB_REPOSITORY": "shop/storefront",
    }
    job.variables |= files | run | {"GITHUB_SERVER_URL": "https://github.com", "RUNNER_TEMP": str(job.folder)}
    code = runners.github(
        job, "action.yml", url=job.variables["TEALGATE_URL"], token=job.variables["TEALGATE_TOKEN"],
        application="storefront", environment="staging", images=f"web={job.variables['PUSHED']}\n",
        client="ci/tealgate.pyz",
    )  # fmt: skip
    assert job.outputs["url"].endswith(f"/deployments/deployment/{job.outputs['deployment']}/change/")
    assert "✅ | Shift traffic" in (job.folder / "GITHUB_STEP_SUMMARY").read_text()
    return code


def gitlab(job: Job) -> int:
    """By the job's own identity: one ID token, which is good once."""
    del job.variables["TEALGATE_TOKEN"]
    job.variables |= {
        "GITLAB_CI": "true",
        "CI_PIPELINE_ID": "8",
        "CI_COMMIT_SHA": "2" * 40,
        "CI_COMMIT_SHORT_SHA": "2" * 8,
    }
    job.variables |= {f"CI_REGISTRY{name}": "r" for name in ("", "_IMAGE", "_USER", "_PASSWORD")}
    return runners.gitlab(job, "recipes/gitlab-ci.yml", "build", "staging")


def code_build(job: Job) -> int:
    job.variables |= {"CODEBUILD_BUILD_ID": "shop:9", "CODEBUILD_RESOLVED_SOURCE_VERSION": "3" * 40}
    job.variables |= {"CODEBUILD_BUILD_SUCCEEDING": "1", "REPOSITORY_URI": "registry/shop"}
    return runners.code_build(job, "recipes/buildspec.yml")


def travis(job: Job) -> int:
    job.variables |= {
        "TRAVIS": "true",
        "TRAVIS_BUILD_ID": "10",
        "TRAVIS_COMMIT": "4" * 40,
        "REPOSITORY_URI": "registry/shop",
    }
    return runners.travis(job, "recipes/travis.yml")


@pytest.mark.parametrize(
    ("recipe", "version", "image"),
    [(github, "1" * 40, 1), (gitlab, "2" * 8, 0), (code_build, "3" * 12, 1), (travis, "4" * 40, 0)],
)
def test_a_recipe_brings_a_release_to_staging(
    stack: Stack,
    variables: dict[str, str],
    pyz: Path,
    tmp_path: Path,
    recipe: Callable[[Job], int],
    version: str,
    image: int,
) -> None:
    ((pushed,), *_) = stack.query(f"{IMAGES} LIMIT 1 OFFSET {image}")
    job = Job.make(tmp_path, pyz, pushed, **variables)
    wait_for(lambda: not stack.query(UNFINISHED))  # the recipe before ended when its release was live

    code = recipe(job)

    assert code == 0, job.said
    assert stack.query(LIVE) == [(version,)]
    if recipe is not github:
        assert [call for call in PUSHES if not any(call in made for made in job.calls)] == []


@pytest.mark.parametrize("name", ["github.yml", "gitlab-ci.yml", "buildspec.yml", "travis.yml"])
def test_a_recipe_is_what_its_ci_reads_and_keeps_no_secret(name: str) -> None:
    text = (ROOT / "recipes" / name).read_text()

    assert isinstance(yaml.safe_load(text), dict)
    assert not re.search(r"tealgate_\w{10}|AKIA\w{8}", text)


def test_the_workflow_gives_the_action_what_it_takes() -> None:
    inputs = yaml.safe_load((ROOT / "action.yml").read_text())["inputs"]
    needed = {name for name, each in inputs.items() if each.get("required")}
    jobs = yaml.safe_load((ROOT / "recipes" / "github.yml").read_text())["jobs"].values()
    uses = [step["with"] for job in jobs for step in job["steps"] if "/tealgate@" in step.get("uses", "")]

    assert len(uses) == 2
    assert all(needed <= set(given) <= set(inputs) for given in uses)
