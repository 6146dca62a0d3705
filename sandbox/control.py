"""The sandbox's own requests, below /_sandbox/, as JSON.

- ``GET health``, ``GET listeners``, ``GET tasks``, ``GET blobs/DIGEST``
- ``GET world``: names and ARNs of the seeded account
- ``POST tasks/kill`` {task}
- ``POST images`` {repository, tag, architecture, behaviour, version, program, ...}
- ``GET``, ``POST`` and ``DELETE faults`` {kind, service, operation, times, seconds, ...}
- ``POST schedules/run`` {rule} or {schedule}: its time has come; what it starts, or why nothing
- ``GET`` and ``DELETE calls``: how often each operation was called
- ``POST clock`` {ahead}: seconds by which the sandbox's clock is ahead of its clients'
"""

import json
from collections.abc import Callable
from typing import Any

from sandbox import schedules
from sandbox.calls import Response
from sandbox.ecr import BLOBS
from sandbox.ecs.model import Task
from sandbox.faults import Faults
from sandbox.images.registry import Image, Images
from sandbox.regions import Regions
from sandbox.seams import LoadBalancers
from sandbox.skew import Skew

IMAGE_FIELDS = ("behaviour", "error_share", "seconds", "program")


class Control:
    def __init__(
        self, regions: Regions, home: str, images: Images, faults: Faults, load_balancers: LoadBalancers, skew: Skew
    ) -> None:
        """``home`` is the region of an image that is pushed without one."""
        self._regions = regions
        self._home = home
        self._skew = skew
        self._images = images
        self._faults = faults
        self._load_balancers = load_balancers
        self.world: dict[str, Any] = {}
        self._routes: dict[tuple[str, str], Callable[[dict[str, Any]], Any]] = {
            ("GET", "health"): lambda request: {"status": "ok"},
            ("GET", "world"): lambda request: self.world,
            ("GET", "listeners"): lambda request: {"listeners": load_balancers.listeners()},
            ("GET", "tasks"): lambda request: {"tasks": self.tasks()},
            ("POST", "tasks/kill"): lambda request: self.kill(str(request.get("task", ""))),
            ("POST", "images"): self.push,
            ("POST", "schedules/run"): lambda request: schedules.run(regions[home].ecs, home, request),
            ("GET", "faults"): lambda request: {"faults": faults.active()},
            ("POST", "faults"): self._add_fault,
            ("DELETE", "faults"): lambda request: self._done(faults.clear),
            ("GET", "calls"): lambda request: faults.calls(),
            ("POST", "clock"): lambda request: self._set_clock(float(request["ahead"])),
            ("DELETE", "calls"): lambda request: self._done(faults.forget_calls),
        }

    def answer(self, method: str, path: str, body: bytes) -> Response:
        if method == "GET" and path.startswith(BLOBS):
            blob = self._images.blob(path.removeprefix(BLOBS))
            if blob is None:
                return _json(404, {"message": "No such blob."})
            return Response(200, blob, (("Content-Type", "application/octet-stream"),))
        route = self._routes.get((method, path.removeprefix("/_sandbox").strip("/")))
        if route is None:
            return _json(404, {"message": f"There is no {method} {path}. See sandbox/control.py for what there is."})
        try:
            request = json.loads(body or b"{}")
            if not isinstance(request, dict):
                raise ValueError("The request is a JSON object.")
            return _json(200, route(request))
        except (TypeError, ValueError, LookupError) as error:
            return _json(400, {"message": str(error)})

    def tasks(self) -> list[dict[str, Any]]:
        running = []
        for region in self._regions:
            with region.ecs.lock:
                running += [_task(task) for task in region.ecs.tasks.values() if not task.is_stopped]
        return running

    def kill(self, reference: str) -> dict[str, Any]:
        """SIGKILL to the processes of a task: no farewell."""
        for region in self._regions:
            with region.ecs.lock:
                task = region.ecs.tasks.get(reference.rpartition("/")[2])
                if task is not None and not task.is_stopped:
                    for container in task.containers:
                        if container.process is not None:
                            container.process.kill()
                    return _task(task)
        raise LookupError(f"No running task is called {reference!r}.")

    def push(self, request: dict[str, Any]) -> dict[str, Any]:
        repository, tag = str(request["repository"]), str(request["tag"])
        architecture = request.get("architecture", "amd64")
        architectures = [architecture] if isinstance(architecture, str) else list(architecture)
        fields = {name: request[name] for name in IMAGE_FIELDS if name in request}
        image = Image(version=str(request.get("version", tag)), **fields)
        region = str(request.get("region", self._home))
        index = bool(request.get("index"))
        digest = self._images.push(repository, tag, image, architectures, index=index, region=region)
        return {"repository": repository, "tag": tag, "digest": digest}

    def _add_fault(self, request: dict[str, Any]) -> dict[str, Any]:
        self._faults.add(**request)
        return {"faults": self._faults.active()}

    def _set_clock(self, ahead: float) -> dict[str, Any]:
        self._skew.seconds = ahead
        return {"ahead": ahead}

    @staticmethod
    def _done(act: Callable[[], None]) -> dict[str, Any]:
        act()
        return {}


def _task(task: Task) -> dict[str, Any]:
    return {
        "task": task.id,
        "taskArn": task.arn,
        "service": task.service.name if task.service else None,
        "taskDefinition": f"{task.task_definition.family}:{task.task_definition.revision}",
        "lastStatus": task.last_status,
        "desiredStatus": task.desired_status,
        "ip": task.ip,
        "ports": [port for container in task.containers for port in container.host_ports.values()],
        "pids": [container.process.pid for container in task.containers if container.process is not None],
    }


def _json(status: int, body: Any) -> Response:
    return Response(status, json.dumps(body, default=str).encode(), (("Content-Type", "application/json"),))
