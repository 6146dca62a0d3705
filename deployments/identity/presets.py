"""CIs that many use: their issuer, and the claims of theirs that say which job it is."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Claim:
    name: str
    #: what stands in the empty field
    example: str
    #: what is filled in
    value: str = ""


@dataclass(frozen=True, kw_only=True)
class Preset:
    key: str
    title: str
    issuer: str
    #: what stands in the field when no issuer is filled in
    issuer_example: str
    claims: tuple[Claim, ...]
    #: what to know of it, in sentences
    notes: tuple[str, ...]


PRESETS = (
    Preset(
        key="github",
        title="GitHub Actions",
        issuer="https://token.actions.githubusercontent.com",
        issuer_example="https://token.actions.githubusercontent.com",
        claims=(
            Claim(name="repository", example="shop/storefront"),
            Claim(name="repository_id", example="123456789"),
            Claim(name="ref", example="refs/heads/main"),
            Claim(name="environment", example="production"),
            Claim(name="event_name", example="push"),
            Claim(name="job_workflow_ref", example="shop/storefront/.github/workflows/deploy.yml@refs/heads/main"),
        ),
        notes=(
            "repository_id stays with a repository: whoever takes a name that was given up has another one. "
            "gh api repos/OWNER/NAME --jq .id tells it.",
            "environment is only there when the job names one. Protect it at GitHub, too.",
            "Runs that a stranger can start (pull_request_target, workflow_run, issue_comment and the like) are "
            "refused unless event_name says them here.",
            "The job needs permissions: id-token: write. GitHub Enterprise Server is an issuer of its own: its address "
            "with /_services/token behind it.",
        ),
    ),
    Preset(
        key="gitlab",
        title="GitLab",
        issuer="https://gitlab.com",
        issuer_example="https://gitlab.example.com",
        claims=(
            Claim(name="project_path", example="shop/storefront"),
            Claim(name="project_id", example="4711"),
            Claim(name="ref", example="main"),
            Claim(name="ref_type", example="branch", value="branch"),
            Claim(name="ref_protected", example="true", value="true"),
            Claim(name="environment", example="production"),
        ),
        notes=(
            "ref is the bare name, so a tag could be called like a branch: keep ref_type.",
            "The job names the audience: id_tokens: TEALGATE_ID_TOKEN: aud: … A GitLab of your own is its own issuer.",
            "project_id stays with a project when it is renamed.",
        ),
    ),
    Preset(
        key="bitbucket",
        title="Bitbucket Pipelines",
        issuer="",
        issuer_example="https://api.bitbucket.org/2.0/workspaces/WORKSPACE/pipelines-config/identity/oidc",
        claims=(
            Claim(name="repositoryUuid", example="{d4e45493-4a33-477d-917b-a24e7e4bd39b}"),
            Claim(name="branchName", example="main"),
            Claim(name="deploymentEnvironmentUuid", example="{5b5b1c0e-0c4b-4b8e-9d0e-2f6f6f0e8a11}"),
        ),
        notes=(
            "Issuer, audience and UUIDs are in the repository's settings at OpenID Connect; the braces belong to them.",
            "Bitbucket's audience is the workspace's own (ari:cloud:bitbucket::workspace/…) and cannot be chosen.",
            "The step needs oidc: true.",
        ),
    ),
    Preset(
        key="any",
        title="Any issuer",
        issuer="",
        issuer_example="https://ci.example.com",
        claims=(Claim(name="sub", example="project:storefront:branch:main"),),
        notes=(
            "It has /.well-known/openid-configuration and signs with RS256 or ES256. Give it as it calls itself, with "
            "or without a / at the end.",
        ),
    ),
)


def preset(key: str) -> Preset:
    """The first for one that there is not."""
    return next((each for each in PRESETS if each.key == key), PRESETS[0])
