"""How smoke checks and one-off tasks ended."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class SmokeView:
    ok: bool
    #: what was seen, or the path that was asked for
    sentence: str


@dataclass(frozen=True, kw_only=True)
class TaskView:
    name: str
    #: None when ECS does not know it
    exit_code: int | None
    #: who ended it before its own end, in words; "" when it ended by itself
    cut_short: str
    log: tuple[str, ...]


def smoke_checks(told: Iterable[Any]) -> tuple[SmokeView, ...]:
    """Members may be missing."""
    return tuple(
        SmokeView(ok=bool(check.get("ok")), sentence=str(check.get("sentence") or check.get("path") or ""))
        for check in told
        if isinstance(check, Mapping)
    )


def one_off_tasks(told: Iterable[Any]) -> tuple[TaskView, ...]:
    """Members may be missing."""
    return tuple(
        TaskView(
            name=str(task.get("name") or ""),
            exit_code=task.get("exit_code"),
            cut_short=str(task.get("cut_short") or ""),
            log=tuple(str(line) for line in task.get("log") or ()),
        )
        for task in told
        if isinstance(task, Mapping)
    )
