"""Clients that wait for deployments: how soon they are told, and what they cost while they wait."""

import os
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from bench import asking, memory
from bench.api_reads import processes, processor_seconds
from bench.asking import Answer, Request
from bench.measuring import Cell, Table, percentile
from deployments.vocabulary import Status
from tests.stack import wait_for

if TYPE_CHECKING:
    from bench.shop import Shop
    from deployments.delivery.models import Deployment

#: Whose clients wait: the pipelines of a team.
TOKENS = 4
#: Reads beside those who wait.
BESIDE_PER_SECOND, BESIDE_SECONDS = 20, 3
#: So often each token reads before, all at the same time.
AT_ONCE = 25
#: Once all who wait have come, for the processes to be at rest.
REST_SECONDS = 2.0
#: Between the changes of two deployments.
APART_SECONDS = 0.05


def measure(shop: "Shop", count: int) -> Table:
    return Table(
        ("clients that wait", "told", "sent away", "p50, s", "p95, s", "max, s", "p95 wanted", "others' reads, p95, ms",
         "connections more, a process", "memory more, MiB", "processor to tell, ms a client"),
        [
            [f"{count}, each for its own deployment", *_each_for_its_own(shop, count)],
            [f"{count}, all for one", *_all_for_one(shop, count)],
        ],
    )  # fmt: skip


def _each_for_its_own(shop: "Shop", count: int) -> list[Cell]:
    """Of which one changes after the other, as rows do when a worker advances them."""
    from deployments.delivery.models import Deployment

    pks = _deployments(shop, count)

    def change() -> list[float]:
        changed = []
        for pk in pks:
            Deployment.objects.filter(pk=pk).update(position=1)
            changed.append(time.monotonic())
            time.sleep(APART_SECONDS)
        return changed

    return _told(shop, pks, change)


def _all_for_one(shop: "Shop", count: int) -> list[Cell]:
    """Which people decide on."""
    deployment = shop.swap("CANARY")
    shop.to_the_gate(deployment)

    def change() -> list[float]:
        shop.approve(deployment)
        return [time.monotonic()] * count

    row = _told(shop, [deployment.pk] * count, change)
    shop.roll_back(deployment)
    shop.finish(deployment, Status.ROLLBACK_SUCCESSFUL)
    return row


def _told(shop: "Shop", pks: Sequence[int], change: Callable[[], list[float]]) -> list[Cell]:
    tokens = shop.tokens(TOKENS, "read")
    waiting = [Request(f"/api/v1/deployments/{pk}?wait=60", tokens[number % TOKENS]) for number, pk in enumerate(pks)]
    beside = [Request("/api/v1/environments?limit=5", token) for token in tokens]
    # A thread keeps its connection, so first all have one.
    asking.all_at_once(shop.web_port, beside * AT_ONCE)
    at_rest, open_before = memory.of([shop.stack.pid("web")]), _connections(shop)
    with _Asked(shop.web_port, waiting) as asked:
        wait_for(lambda: _threads(shop) >= len(pks))
        time.sleep(REST_SECONDS)
        read = asking.at_a_rate(shop.web_port, beside, BESIDE_PER_SECOND, BESIDE_SECONDS)
        full, open_meanwhile = memory.of([shop.stack.pid("web")]), _connections(shop)
        before, began = processor_seconds(shop), time.monotonic()
        changed = change()
    spent = processor_seconds(shop) - before
    # Who was told of nothing was sent away before.
    late = [max(each.at - at, 0.0) for each, at in zip(asked.answers, changed, strict=True) if each.at > began]
    return [
        len(late), len(pks) - len(late), *(round(percentile(late, share), 2) for share in (50, 95, 100)), "< 0.3",
        round(1000 * percentile([each.seconds for each in read], 95)),
        max(now - then for then, now in zip(open_before, open_meanwhile, strict=True)),
        round(full.shared_once - at_rest.shared_once),
        round(1000 * spent / len(pks), 1),
    ]  # fmt: skip


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


def _deployments(shop: "Shop", count: int) -> list[int]:
    """Rows like production's newest, each in an environment of its own, which no worker looks at."""
    like = shop.newest()
    assert like is not None
    return [_another(shop, like, number) for number in range(count)]


def _another(shop: "Shop", like: "Deployment", number: int) -> int:
    from deployments.catalog.models import Environment
    from deployments.delivery.models import Deployment

    place = Environment.objects.get(pk=like.environment_id)
    place.pk, place.name, place.service = None, f"waiting-{number}", f"waiting-{number}"
    Environment.objects.bulk_create([place])
    row = Deployment.objects.get(pk=like.pk)
    row.pk, row.key, row.environment, row.request_key = None, secrets.token_hex(8), place, ""
    row.status, row.next_check_at, row.position, row.finished_at = Status.IN_PROGRESS, None, 0, None
    row.save()
    return int(row.pk)


def _threads(shop: "Shop") -> int:
    """Of all web processes; each that waits is one."""
    return sum(len(list(Path(f"/proc/{pid}/task").iterdir())) for pid in processes(shop))


def _connections(shop: "Shop") -> list[int]:
    """To the database, by process: handles of its file."""
    return [sum(_is_of_database(handle) for handle in Path(f"/proc/{pid}/fd").iterdir()) for pid in processes(shop)]


def _is_of_database(handle: Path) -> bool:
    with suppress(OSError):
        return os.readlink(handle).endswith(".sqlite3")
    return False
