"""What goes wrong meanwhile: processes die, AWS fails."""

import random
from collections import Counter
from collections.abc import Callable

from bench.shop import Shop

#: The chance that something happens at one turn, of which there are two or three a second.
LIKELY = 0.08
WORKER = "kill -9 of the worker"
SERVICES = ("ecs", "elasticloadbalancing", "codedeploy", "cloudwatch", "*")


class Mischief:
    def __init__(self, shop: Shop, choose: random.Random) -> None:
        self._shop = shop
        self._choose = choose
        self.count: Counter[str] = Counter()
        self._ways: tuple[tuple[Callable[[], None], int], ...] = (
            (self._kill_worker, 4),
            (self._kill_web, 1),
            (self._fault, 4),
        )

    def perhaps(self) -> None:
        if self._choose.random() < LIKELY:
            ways, weights = zip(*self._ways, strict=True)
            self._choose.choices(ways, weights)[0]()

    def end(self) -> None:
        self._shop.stack.sandbox("faults", method="DELETE")

    def killed(self) -> int:
        """How often the worker was."""
        return self.count[WORKER]

    def _kill_worker(self) -> None:
        self._killed("worker")

    def _kill_web(self) -> None:
        self._killed("web")

    def _killed(self, name: str) -> None:
        self._shop.stack.kill(name)
        self._shop.stack.start(name)
        self.count[f"kill -9 of the {name}"] += 1

    def _fault(self) -> None:
        kind = self._choose.choice(("throttle", "error", "lost_response", "latency"))
        fault = {
            "kind": kind,
            "service": self._choose.choice(SERVICES),
            "times": self._choose.randint(1, 5),
            "seconds": 5,
        }
        self._shop.stack.sandbox("faults", fault)
        self.count[f"AWS: {kind.replace('_', ' ')}"] += 1
