"""One thread with one asyncio loop, which carries every listener, every proxied request and every health
check.

Requests of moto's threads reach it with ``call``; nothing in the loop ever waits for another thread.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any


class EventLoopThread:
    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._thread = threading.Thread(target=self._run, name="load-balancers", daemon=True)
        self._thread.start()

    def call(self, function: Callable[..., object], *args: object) -> None:
        """Run a function in the loop, soon; from any thread."""
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(function, *args)

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Start a task that lives until it ends or the loop closes; only from inside the loop."""
        task = self.loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def close(self) -> None:
        if self.loop.is_closed():
            return
        self.call(self.loop.stop)
        self._thread.join()
        self.loop.run_until_complete(self._cancel_everything())
        self.loop.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()

    async def _cancel_everything(self) -> None:
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)  # lets transports that were aborted run their connection_lost
