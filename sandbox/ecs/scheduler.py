"""One thread that keeps looking: every task one state on, every service against what it should be.

Something that happened wakes it at once. While anything moves it looks every 50 ms, otherwise four times a
second, which is how it notices that a load balancer found a target unhealthy.
"""

import logging
import threading
import time

from sandbox.ecs import agents, lifecycle
from sandbox.ecs.model import Service, Task
from sandbox.ecs.service_deployments import machine as service_deployments
from sandbox.ecs.store import Store
from sandbox.ecs.tasksets import scaling

logger = logging.getLogger(__name__)

MOVING = 0.05
RESTING = 0.25
STOPPED_TASKS_KEPT = 500
STOPPED_TASKS_SECONDS = 3600.0  # AWS seconds
#: AWS says "at least one hour": where that takes a minute, whoever looks later finds them all the same.
STOPPED_TASKS_REAL_SECONDS = 300.0


class Scheduler:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="ecs-scheduler", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self, timeout: float = 5.0) -> None:
        """Ends every task's processes, politely first."""
        self._closing = True
        self._store.wake()
        if self._thread.ident is not None:
            self._thread.join()
        with self._store.lock:
            containers = [each for task in self._store.tasks.values() for each in task.containers]
            processes = [each.process for each in containers if each.process is not None and not each.process.ended]
        for process in processes:
            process.terminate()
        deadline = time.monotonic() + timeout
        for process in processes:
            process.join(max(0.0, deadline - time.monotonic()))
            if not process.ended:
                process.kill()
                process.join(1.0)

    def _run(self) -> None:
        pause = 0.0
        while not self._closing:
            self._store.changed.wait(pause)
            self._store.changed.clear()
            if self._closing:
                return
            try:
                with self._store.lock:
                    pause = self._pass(self._store.clock.now())
            except Exception:
                # One bad pass must not end the world; the next one sees the same state again.
                logger.exception("ECS scheduler: a pass failed")
                pause = RESTING

    def _pass(self, now: float) -> float:
        store = self._store
        agents.look_after(store)
        for task in list(store.tasks.values()):
            if not task.is_stopped:
                lifecycle.advance(store, task, now)
        for service in list(store.services.values()):
            reconcile = scaling.reconcile if service.has_task_sets else service_deployments.reconcile
            reconcile(store, service, now)
        self._forget_old_tasks(now)
        moving = any(_moves(task) for task in store.tasks.values()) or any(_waits(s) for s in store.services.values())
        return MOVING if moving else RESTING

    def _forget_old_tasks(self, now: float) -> None:
        stopped = [task for task in self._store.tasks.values() if task.is_stopped]
        age = max(self._store.clock.seconds(STOPPED_TASKS_SECONDS), STOPPED_TASKS_REAL_SECONDS)
        surplus = len(stopped) - STOPPED_TASKS_KEPT
        for index, task in enumerate(stopped):
            if index < surplus or now - task.stopped_since > age:
                del self._store.tasks[task.id]
                self._store.tags.pop(task.arn, None)


def _moves(task: Task) -> bool:
    return task.last_status not in ("RUNNING", "STOPPED") and not task.waiting_for_capacity


def _waits(service: Service) -> bool:
    return service.status == "ACTIVE" and not service.steady
