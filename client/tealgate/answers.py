"""What an answer means: a value, a problem in words, or something that may pass."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from tealgate.endings import Refused, Unreachable
from tealgate.texts import clean
from tealgate.wire import Answer


@dataclass(frozen=True)
class Reply:
    status: int
    data: Any
    #: whether it is an answer of before, under the same Idempotency-Key
    replayed: bool
    #: seconds until it makes sense to ask again; None when nothing is said
    retry_after: float | None


def trouble(answer: Answer) -> Refused | Unreachable | None:
    """What may pass; None for what is an answer. Raises what does not pass."""
    if answer.status in (429, *range(500, 600)) or (answer.status == 409 and "retry-after" in answer.headers):
        problem = _problem(answer)
        sentence = clean(problem["detail"]) if problem else f"It answers {answer.status} {_phrase(answer.status)}."
        if answer.status == 409:
            return Refused(sentence, status=409, problem=problem)
        return Unreachable(sentence, **({"problem": problem} if problem else {}))
    if answer.status >= 300:
        raise _final(answer)
    return None if _is_json(answer) else Unreachable("What answers is not Tealgate: it sends no JSON.")


def _final(answer: Answer) -> Refused | Unreachable:
    if problem := _problem(answer):
        return Refused(_in_words(problem), status=answer.status, problem=problem)
    if answer.status < 400:
        where = clean(answer.headers.get("location", "elsewhere"))
        return Unreachable(
            f"It sends on to {where}; no token goes there. Set TEALGATE_URL to where Tealgate answers itself."
        )
    return Unreachable(
        f"What answers is not Tealgate ({answer.status} {_phrase(answer.status)}). Look at TEALGATE_URL."
    )


def _in_words(problem: Mapping[str, Any]) -> str:
    return " ".join((clean(problem["detail"]), *_wrong(problem), *_both(problem)))


def _wrong(problem: Mapping[str, Any]) -> Iterator[str]:
    """Each further thing that is wrong; the detail has the first."""
    errors = problem.get("errors")
    for each in errors[1:] if isinstance(errors, list) else ():
        if isinstance(each, dict):
            yield clean(f"{each.get('field')}: {each.get('sentence')}")


def _both(problem: Mapping[str, Any]) -> Iterator[str]:
    """Where a version has other contents."""
    for name in ("registered", "asked"):
        if isinstance(contents := problem.get(name), dict):
            yield clean(f"{name.capitalize()}: {', '.join(f'{each}={contents[each]}' for each in contents)}.")


def reply(answer: Answer) -> Reply:
    return Reply(
        answer.status,
        json.loads(answer.body) if answer.body else None,
        answer.headers.get("idempotent-replayed") == "true",
        retry_after(answer),
    )


def _problem(answer: Answer) -> dict[str, Any] | None:
    if not answer.headers.get("content-type", "").startswith("application/problem+json"):
        return None
    try:
        problem = json.loads(answer.body)
    except ValueError:
        return None
    return problem if isinstance(problem, dict) and isinstance(problem.get("detail"), str) else None


def _is_json(answer: Answer) -> bool:
    try:
        return answer.status == 204 or isinstance(json.loads(answer.body), (dict, list))
    except (ValueError, RecursionError):
        return False


def retry_after(answer: Answer) -> float | None:
    """Seconds, or a date; a minute at most."""
    said = answer.headers.get("retry-after", "").strip()
    if said.isdecimal():
        return min(float(said), 60.0)
    try:
        until = parsedate_to_datetime(said)
    except (ValueError, TypeError):
        return None
    return min(max((until - datetime.now(timezone.utc)).total_seconds(), 0.0), 60.0) if until.tzinfo else None


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in {each.value for each in HTTPStatus} else ""
