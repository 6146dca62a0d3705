"""When the worker's parent starts all afresh, and that nothing that is away keeps it from ending."""

import threading
from collections.abc import Callable

import pytest

from deployments.ops.worker import cluster
from deployments.ops.worker.heartbeats import SILENCE_SECONDS, Seen

LATER = SILENCE_SECONDS


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Seen]], cluster.Watch]:
    def made(look: Callable[[], Seen]) -> cluster.Watch:
        monkeypatch.setattr(cluster, "look", look)
        return cluster.Watch(0.0)

    return made


def test_a_look_that_hangs_with_the_database_is_not_waited_for(
    watch: Callable[[Callable[[], Seen]], cluster.Watch], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "LOOK_SECONDS", 0.05)
    answers = threading.Event()

    def hangs() -> Seen:
        answers.wait()
        return Seen.SILENT

    assert not watch(hangs).says_afresh(LATER)
    assert not answers.is_set()
    answers.set()


@pytest.mark.parametrize(("seen", "afresh"), [(Seen.SILENT, True), (Seen.BEATING, False), (Seen.UNKNOWN, False)])
def test_silence_starts_all_afresh(
    seen: Seen, afresh: bool, watch: Callable[[Callable[[], Seen]], cluster.Watch]
) -> None:
    assert watch(lambda: seen).says_afresh(LATER) is afresh


def test_a_database_that_does_not_let_us_in_for_a_minute_ends_the_worker(
    watch: Callable[[Callable[[], Seen]], cluster.Watch],
) -> None:
    refused = watch(lambda: Seen.REFUSED)

    said = [refused.says_afresh(LATER + after) for after in (0, 30, 61)]

    assert said == [False, False, True]
