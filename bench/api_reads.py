"""Reads at a rate, and clients that all wait: how long they take, and what that costs the web processes."""

import os
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from bench import asking, memory
from bench.asking import Answer, Request
from bench.measuring import Table, percentile
from deployments.vocabulary import Status

if TYPE_CHECKING:
    from bench.shop import Shop

#: What pipelines and dashboards read, each as often as the others.
PATHS = (
    "/environments",
    "/environments/storefront/production",
    "/deployments?unfinished=true",
    "/deployments/{pk}",
    "/deployments/{pk}/events",
    "/applications/storefront/releases",
    "/gates?open=true",
    "/events?limit=20",
)
#: Tokens, so that the limit of each is not what is measured.
TOKENS = 20
#: Pages of the API beside those who wait.
BESIDE_PER_SECOND = 20
#: For all who wait to have come, and for the processes to be at rest.
COME_SECONDS = 4.0


def at_a_rate(shop: "Shop", pk: int, per_second: int, seconds: int) -> Table:
    secrets = shop.tokens(TOKENS, "read")
    # One after the other in paths, so that each token asks for each of them.
    requests = [Request(f"/api/v1{path}".format(pk=pk), secret) for secret in secrets for path in PATHS]
    asking.at_a_rate(shop.web_port, requests, per_second / 2, min(seconds, 2))
    before = _processor_seconds(shop)
    answers = asking.at_a_rate(shop.web_port, requests, per_second, seconds)
    spent = _processor_seconds(shop) - before
    by_path = [
        _row(path, [each for number, each in enumerate(answers) if number % len(PATHS) == index], "")
        for index, path in enumerate(PATHS)
    ]
    whole = _row(f"all, {per_second} a second", answers, "<= 50")
    return Table(
        ("reads", "answers", "not 200", "p50, ms", "p95, ms", "p99, ms", "p99 wanted", "processor, ms a read"),
        [(*whole, round(1000 * spent / len(answers), 1)), *((*row, "") for row in by_path)],
    )


def told(shop: "Shop", count: int) -> Table:
    """Of a deployment that people decide on: all who wait for it; meanwhile others read."""
    deployment = shop.swap("CANARY")
    shop.to_the_gate(deployment)
    secrets = shop.tokens(TOKENS, "read")
    waiting = [Request(f"/api/v1/deployments/{deployment.pk}?wait=60", secrets[n % TOKENS]) for n in range(count)]
    beside = [Request(f"/api/v1/environments?limit={1 + n}", secret) for n, secret in enumerate(secrets)]
    at_rest, open_before = memory.of([shop.stack.pid("web")]), _connections(shop)
    with _Asked(shop.web_port, waiting) as asked:
        time.sleep(COME_SECONDS)
        read = asking.at_a_rate(shop.web_port, beside, BESIDE_PER_SECOND, 3)
        full, open_meanwhile = memory.of([shop.stack.pid("web")]), _connections(shop)
        shop.approve(deployment)
        changed = time.monotonic()
    late = [max(answer.at - changed, 0.0) for answer in asked.answers]
    early = sum(answer.at < changed - 1 for answer in asked.answers)
    shop.roll_back(deployment)
    shop.finish(deployment, Status.ROLLBACK_SUCCESSFUL)
    return Table(
        ("clients that wait", "told", "sent away", "p50, s", "p95, s", "max, s", "p95 wanted",
         "p95 of others' reads meanwhile, ms", "connections more, a process", "memory more, MiB"),
        [(
            count, len(late) - early, early, *(round(percentile(late, share), 2) for share in (50, 95, 100)), "< 0.3",
            round(1000 * percentile([each.seconds for each in read], 95)),
            max((now - then for then, now in zip(open_before, open_meanwhile, strict=True)), default=0),
            round(full.shared_once - at_rest.shared_once),
        )],
    )  # fmt: skip


class _Asked:
    """All at once from a thread, until the last one is answered."""

    def __init__(self, port: int, requests: Sequence[Request]) -> None:
        self.answers: list[Answer] = []
        self._thread = threading.Thread(target=lambda: self.answers.extend(asking.all_at_once(port, requests)))

    def __enter__(self) -> "_Asked":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join(90)


def _row(what: str, answers: Sequence[Answer], wanted: str) -> tuple[str, int, int, int, int, int, str]:
    took = [round(1000 * percentile([each.seconds for each in answers], share)) for share in (50, 95, 99)]
    return what, len(answers), sum(each.status != 200 for each in answers), took[0], took[1], took[2], wanted


def _processes(shop: "Shop") -> list[int]:
    return sorted(memory.with_children({shop.stack.pid("web")}))


def _processor_seconds(shop: "Shop") -> float:
    spent = 0
    for pid in _processes(shop):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        spent += int(fields[11]) + int(fields[12])
    return spent / float(os.sysconf("SC_CLK_TCK"))


def _connections(shop: "Shop") -> list[int]:
    """To the database, by process: handles of its file, or sockets to its server."""
    return [sum(_is_of_database(handle) for handle in Path(f"/proc/{pid}/fd").iterdir()) for pid in _processes(shop)]


def _is_of_database(handle: Path) -> bool:
    with suppress(OSError):
        return os.readlink(handle).endswith(".sqlite3")
    return False
