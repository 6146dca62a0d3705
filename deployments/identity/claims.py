"""An ID token's claims beside what a trust wants of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deployments.identity import patterns

MOST = 20
LONGEST_NAME = 100
#: Claims that say whose job it is. At issuers that serve everybody one of them has to be named.
WHOSE = (
    "sub", "repository", "repository_id", "repository_owner", "repository_owner_id", "project_path", "project_id",
    "namespace_path", "namespace_id", "repositoryUuid", "workspaceUuid",
)  # fmt: skip
#: GitHub runs these with the rights of the branch that is asked or of the default one, and a stranger can start them.
BY_STRANGERS = (
    "pull_request_target", "workflow_run", "issue_comment", "issues", "discussion", "discussion_comment", "fork",
    "watch",
)  # fmt: skip
#: Claims that say at which code a run is, or who let it run.
_WHICH = ("sub", "ref", "branchName", "environment", "deploymentEnvironmentUuid", "job_workflow_ref", "workflow_ref")
#: Names, and the claim that nobody else ever gets.
_LASTING = {"repository": "repository_id", "repository_owner": "repository_owner_id", "project_path": "project_id",
            "namespace_path": "namespace_id"}  # fmt: skip
_SHOWN = 120


@dataclass(frozen=True, kw_only=True)
class Compared:
    name: str
    #: as the trust says it
    wanted: str
    #: as the token says it, "" where it does not
    seen: str
    fits: bool
    #: what is known of why not, in a sentence; "" for nothing more
    hint: str = ""

    @property
    def sent(self) -> str:
        """Without what is wanted: for whoever sent it."""
        return f"{self.name} is {self.seen}" if self.seen else f"{self.name} is missing"


def compared(wanted: Mapping[str, str], audience: str, claims: Mapping[str, Any]) -> tuple[Compared, ...]:
    """The audience first, then each claim."""
    found = [_compared("aud", audience, claims, exactly=True)]
    found += [_compared(name, pattern, claims) for name, pattern in wanted.items()]
    event = claims.get("event_name")
    if event in BY_STRANGERS and "event_name" not in wanted:
        hint = (
            "A stranger's pull request, comment or fork can start such a run. Name event_name in the trust if that is "
            "wanted."
        )
        found.append(Compared(name="event_name", wanted="", seen=str(event), fits=False, hint=hint))
    return tuple(found)


def trouble(wanted: Mapping[str, str], issuer: str) -> str:
    """Why these would be no good to trust by, in sentences; "" when they are."""
    if not wanted:
        return "Name at least one claim: without any, every job of the issuer would be trusted."
    if len(wanted) > MOST:
        return f"These are {len(wanted)} claims; {MOST} is the most."
    for name, pattern in wanted.items():
        if (
            not name
            or len(name) > LONGEST_NAME
            or not name.isprintable()
            or name in ("aud", "iss", "exp", "nbf", "iat")
        ):
            return (
                f"{name[:_SHOWN] or 'A claim without a name'} cannot be named here; name one of the job's, such as sub."
            )
        if sentence := patterns.trouble(pattern):
            return f"{name}: {sentence}"
        if name in WHOSE and "*" in pattern.partition("/")[0]:
            return (
                f"{name}: a * before the first / would trust others, who can call themselves so. Write that part out."
            )
    if serves_everybody(issuer) and not set(WHOSE) & set(wanted):
        return "Name a claim that says whose job it is, such as repository or project_path: everybody has jobs there."
    return ""


def cautions(wanted: Mapping[str, str]) -> tuple[str, ...]:
    """What is trusted besides what may be meant, in sentences with a next step."""
    found = []
    if not set(_WHICH) & set(wanted):
        found.append("Runs of every branch are trusted, pull requests' too: name ref or environment to say which.")
    for name, lasting in _LASTING.items():
        if name in wanted and lasting not in wanted:
            found.append(f"Others can take this {name} once it is given up: name {lasting}, which stays with it.")
    return tuple(found)


def serves_everybody(issuer: str) -> bool:
    return issuer.startswith(("https://token.actions.githubusercontent.com", "https://gitlab.com"))


def _compared(name: str, wanted: str, claims: Mapping[str, Any], *, exactly: bool = False) -> Compared:
    texts = _texts(claims.get(name))
    fits = any(text == wanted if exactly else patterns.fits(wanted, text) for text in texts)
    return Compared(
        name=name, wanted=wanted, seen=_shown(", ".join(texts)), fits=fits, hint="" if fits else _hint(wanted, texts)
    )  # fmt: skip


def _texts(value: Any) -> list[str]:
    """A list fits by any of its texts; numbers and true as JSON writes them."""
    values = value if isinstance(value, list) else [value]
    return [
        str(each).lower() if isinstance(each, bool) else str(each)
        for each in values[:100]
        if isinstance(each, str | bool) or (isinstance(each, int) and abs(each) < 2**64)
    ]


def _hint(wanted: str, texts: list[str]) -> str:
    if any(patterns.fits(wanted.lower(), text.lower()) for text in texts):
        return "Only small and capital letters differ."
    if any(text.rstrip("/") == wanted.rstrip("/") for text in texts):
        return "Only the / at the end differs."
    return ""


def _shown(text: str) -> str:
    """What strangers may have chosen."""
    readable = "".join(character if character.isprintable() else "?" for character in text)
    return readable if len(readable) <= _SHOWN else f"{readable[:_SHOWN]}…"
