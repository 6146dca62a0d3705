"""Try a release over HTTP before people are asked to approve it."""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from deployments.outbound.errors import FetchError
from deployments.outbound.fetching import Answer, Request, fetch
from deployments.outbound.staying import fetch_staying
from deployments.outbound.wrong_status import next_step

BODY_LIMIT = 1024 * 1024
SIDE_BY_SIDE = 8
#: For all of them: who waits for the answers is a worker, which is ended when it is not heard of for long.
TOTAL_SECONDS = 30.0


@dataclass(frozen=True, kw_only=True)
class SmokeCheck:
    """GET `path` must answer `expected_status` with `contains` somewhere in the body ("" = anything).

    A redirect is an answer like any other, so that a 301 can be expected, unless `follow_redirects`: then one is
    followed as long as it stays at the test address (`staying`).
    """

    path: str
    expected_status: int = 200
    contains: str = ""
    timeout_seconds: float = 5
    headers: Mapping[str, str] = field(default_factory=dict)
    follow_redirects: bool = False


@dataclass(frozen=True, kw_only=True)
class SmokeResult:
    """`status` is None when there was no answer; `sentence` says what happened, good or bad."""

    path: str
    ok: bool
    status: int | None
    milliseconds: int
    sentence: str


def run(base_url: str, checks: Sequence[SmokeCheck], seconds: float = TOTAL_SECONDS) -> tuple[SmokeResult, ...]:
    """Side by side, results in the order of the checks. Never raises: what goes wrong is a result."""
    if not checks:
        return ()
    ends = time.monotonic() + seconds
    with ThreadPoolExecutor(max_workers=min(SIDE_BY_SIDE, len(checks))) as pool:
        return tuple(pool.map(lambda check: _run(base_url, check, ends - time.monotonic()), checks))


def _run(base_url: str, check: SmokeCheck, left: float) -> SmokeResult:
    if left <= 0:
        return _result(check, None, f"GET {check.path} was not tried: the checks before it took all the time.")
    request = Request(
        url=base_url.rstrip("/") + "/" + check.path.lstrip("/"),
        headers=check.headers,
        seconds=min(check.timeout_seconds, left),
        limit=BODY_LIMIT,
    )
    try:
        answer = fetch_staying(request) if check.follow_redirects else fetch(request)
    except FetchError as exc:
        return _result(check, None, f"GET {check.path}: {exc}")
    except Exception as exc:  # a header that cannot be sent, a body that cannot be unpacked
        return _result(check, None, f"GET {check.path} could not be tried: {exc}.")
    return _judged(check, request, answer)


def _judged(check: SmokeCheck, request: Request, answer: Answer) -> SmokeResult:
    start = f"GET {check.path} answered {answer.status}"
    if answer.status != check.expected_status:
        # Without its query: on the way to a sign-in that is where tokens are.
        location = answer.headers.get("location", "").partition("?")[0].partition("#")[0]
        towards = f" (a redirect to {location})" if location else ""
        said = f"{start}{towards}, expected {check.expected_status}."
        hint = next_step(request, answer, follows=check.follow_redirects)
        return _result(check, answer, f"{said} {hint}" if hint else said)
    if check.contains and check.contains not in answer.body.decode("utf-8", errors="replace"):
        return _result(check, answer, f"{start}, but without the text “{check.contains}”.")
    return _result(check, answer, f"{start} in {round(1000 * answer.seconds)} ms.", ok=True)


def _result(check: SmokeCheck, answer: Answer | None, sentence: str, *, ok: bool = False) -> SmokeResult:
    return SmokeResult(
        path=check.path,
        ok=ok,
        status=answer.status if answer else None,
        milliseconds=round(1000 * answer.seconds) if answer else 0,
        sentence=sentence,
    )
