"""A job in words: what the log calls it, which run it is, and its page at the CI."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

LONGEST_RUN, LONGEST_URL = 100, 500
_PATH = re.compile(r"[\w.-]+(/[\w.-]+)+", re.ASCII)
_UUID = re.compile(r"\{?[0-9a-fA-F-]{32,36}\}?")
_GITHUB = "https://token.actions.githubusercontent.com"


@dataclass(frozen=True, kw_only=True)
class Job:
    #: the same for every run of it: shop/storefront@refs/heads/main
    subject: str
    #: such as "run 123"; "" where it is not told
    run: str
    #: "" where it is not known
    url: str


def job(issuer: str, claims: Mapping[str, Any]) -> Job:
    """`claims` of a token that is proven."""
    read = {name: _text(claims.get(name)) for name in _READ}
    whose = read["repository"] or read["project_path"] or read["repositoryUuid"]
    at = read["ref"] or read["branchName"]
    subject = f"{whose}@{at}" if whose and at else whose or read["sub"] or "a job"
    return Job(subject=subject, run=_run(read)[:LONGEST_RUN], url=_url(issuer, read))


def name(subject: str, trust: str, *, most: int) -> str:
    """`shop/storefront@refs/heads/main via storefront-ci`. One that is cut keeps apart from others by its digest."""
    whole = f"{subject} via {trust}"
    if len(whole) <= most:
        return whole
    end = f"…{hashlib.sha256(subject.encode()).hexdigest()[:8]} via {trust}"
    return f"{subject[: most - len(end)]}{end}"


_READ = (
    "sub", "repository", "ref", "run_id", "run_number", "project_path", "job_id", "repositoryUuid", "workspaceUuid",
    "branchName", "pipelineUuid",
)  # fmt: skip


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return "".join(each if each.isprintable() else "?" for each in str(value)[:1000])


def _run(read: Mapping[str, str]) -> str:
    if number := read["run_number"] or read["run_id"]:
        return f"run {number}"
    if read["job_id"]:
        return f"job {read['job_id']}"
    return f"pipeline {read['pipelineUuid'].strip('{}')}" if read["pipelineUuid"] else ""


def _url(issuer: str, read: Mapping[str, str]) -> str:
    """Only of parts that look as they should: nobody is to be led elsewhere by a claim."""
    if _PATH.fullmatch(read["repository"]) and read["run_id"].isdecimal() and (home := _github(issuer)):
        return f"{home}/{read['repository']}/actions/runs/{read['run_id']}"[:LONGEST_URL]
    if _PATH.fullmatch(read["project_path"]) and read["job_id"].isdecimal():
        return f"{issuer.rstrip('/')}/{read['project_path']}/-/jobs/{read['job_id']}"[:LONGEST_URL]
    parts = [read[each] for each in ("workspaceUuid", "repositoryUuid", "pipelineUuid")]
    if all(_UUID.fullmatch(part) for part in parts) and urlsplit(issuer).hostname == "api.bitbucket.org":
        workspace, repository, pipeline = (quote(part) for part in parts)
        return f"https://bitbucket.org/{workspace}/{repository}/pipelines/results/{pipeline}"
    return ""


def _github(issuer: str) -> str:
    """Where the runs of an issuer's jobs are looked at; "" for one that is not GitHub's."""
    if issuer == _GITHUB or issuer.startswith(f"{_GITHUB}/"):
        return "https://github.com"
    if issuer.endswith("/_services/token"):
        return issuer.removesuffix("/_services/token")
    host = urlsplit(issuer).hostname or ""
    if host.startswith("token.actions.") and host.endswith(".ghe.com"):
        return f"https://{host.removeprefix('token.actions.')}"
    return ""
