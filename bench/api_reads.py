"""Reads at a rate: how long they take, and what that costs the web processes."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bench import asking, memory
from bench.asking import Answer, Request
from bench.measuring import Table, percentile

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


def at_a_rate(shop: "Shop", pk: int, per_second: int, seconds: int) -> Table:
    secrets = shop.tokens(TOKENS, "read")
    # One after the other in paths, so that each token asks for each of them.
    requests = [Request(f"/api/v1{path}".format(pk=pk), secret) for secret in secrets for path in PATHS]
    asking.at_a_rate(shop.web_port, requests, per_second / 2, min(seconds, 2))
    before = processor_seconds(shop)
    answers = asking.at_a_rate(shop.web_port, requests, per_second, seconds)
    spent = processor_seconds(shop) - before
    by_path = [
        _row(path, [each for number, each in enumerate(answers) if number % len(PATHS) == index], "")
        for index, path in enumerate(PATHS)
    ]
    whole = _row(f"all, {per_second} a second", answers, "<= 50")
    return Table(
        ("reads", "answers", "not 200", "p50, ms", "p95, ms", "p99, ms", "p99 wanted", "processor, ms a read"),
        [(*whole, round(1000 * spent / len(answers), 1)), *((*row, "") for row in by_path)],
    )


def _row(what: str, answers: Sequence[Answer], wanted: str) -> tuple[str, int, int, int, int, int, str]:
    took = [round(1000 * percentile([each.seconds for each in answers], share)) for share in (50, 95, 99)]
    return what, len(answers), sum(each.status != 200 for each in answers), took[0], took[1], took[2], wanted


def processes(shop: "Shop") -> list[int]:
    return sorted(memory.with_children({shop.stack.pid("web")}))


def processor_seconds(shop: "Shop") -> float:
    spent = 0
    for pid in processes(shop):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        spent += int(fields[11]) + int(fields[12])
    return spent / float(os.sysconf("SC_CLK_TCK"))
