"""Which CI runs this, by its environment variables: what a deployment is told of it, and what its re-runs share."""

import os
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Ci:
    #: as people call it; "" outside of any
    name: str = ""
    #: of this run and of its re-runs; "" where that is not known
    run: str = ""
    git_sha: str = ""
    #: where people see the run; "" where that is not known
    link: str = ""
    #: name of the environment variable that holds an ID token already; "" when there is none
    id_token_in: str = ""

    @property
    def is_github(self) -> bool:
        return self.name == "GitHub Actions"

    @property
    def reason(self) -> str:
        """For a deployment that nobody gave one for. The same in a re-run."""
        return " ".join(filter(None, (self.name, self.link or self.run)))


def detect(environ: Mapping[str, str] = os.environ) -> Ci:
    for variable, made in _KNOWN.items():
        if environ.get(variable):
            return made(_Variables(environ))
    return Ci(id_token_in=_token_in(environ, "TEALGATE_ID_TOKEN"))


class _Variables(dict[str, str]):
    """Absent ones are empty."""

    def __missing__(self, name: str) -> str:
        return ""


def _github(said: _Variables) -> Ci:
    run = said["GITHUB_RUN_ID"]
    link = f"{said['GITHUB_SERVER_URL']}/{said['GITHUB_REPOSITORY']}/actions/runs/{run}" if run else ""
    return Ci(name="GitHub Actions", run=f"github:{said['GITHUB_REPOSITORY']}:{run}" if run else "",
              git_sha=said["GITHUB_SHA"], link=link, id_token_in=_token_in(said, "TEALGATE_ID_TOKEN"))  # fmt: skip


def _gitlab(said: _Variables) -> Ci:
    # A retried job has another number, its pipeline has not.
    run = f"gitlab:{said['CI_PROJECT_ID']}:{said['CI_PIPELINE_ID']}:{said['CI_JOB_NAME']}"
    return Ci(name="GitLab CI", run=run, git_sha=said["CI_COMMIT_SHA"], link=said["CI_PIPELINE_URL"],
              id_token_in=_token_in(said, "TEALGATE_ID_TOKEN"))  # fmt: skip


def _bitbucket(said: _Variables) -> Ci:
    number = said["BITBUCKET_BUILD_NUMBER"]
    link = f"https://bitbucket.org/{said['BITBUCKET_REPO_FULL_NAME']}/pipelines/results/{number}"
    return Ci(name="Bitbucket Pipelines", run=f"bitbucket:{said['BITBUCKET_REPO_UUID']}:{number}",
              git_sha=said["BITBUCKET_COMMIT"], link=link,
              id_token_in=_token_in(said, "TEALGATE_ID_TOKEN", "BITBUCKET_STEP_OIDC_TOKEN"))  # fmt: skip


def _code_build(said: _Variables) -> Ci:
    # In CodePipeline a retried stage is another build of the same commit.
    initiator = said["CODEBUILD_INITIATOR"]
    run = f"{initiator}:{said['CODEBUILD_RESOLVED_SOURCE_VERSION']}" if initiator.startswith("codepipeline/") else ""
    return Ci(name="CodeBuild", run=f"codebuild:{run or said['CODEBUILD_BUILD_ID']}",
              git_sha=said["CODEBUILD_RESOLVED_SOURCE_VERSION"], link=said["CODEBUILD_BUILD_URL"],
              id_token_in=_token_in(said, "TEALGATE_ID_TOKEN"))  # fmt: skip


def _travis(said: _Variables) -> Ci:
    return Ci(name="Travis CI", run=f"travis:{said['TRAVIS_BUILD_ID']}", git_sha=said["TRAVIS_COMMIT"],
              link=said["TRAVIS_BUILD_WEB_URL"], id_token_in=_token_in(said, "TEALGATE_ID_TOKEN"))  # fmt: skip


_KNOWN = {
    "GITHUB_ACTIONS": _github,
    "GITLAB_CI": _gitlab,
    "BITBUCKET_BUILD_NUMBER": _bitbucket,
    "CODEBUILD_BUILD_ID": _code_build,
    "TRAVIS": _travis,
}


def _token_in(environ: Mapping[str, str], *names: str) -> str:
    return next((name for name in names if environ.get(name)), "")
