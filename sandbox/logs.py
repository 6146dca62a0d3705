"""CloudWatch Logs of tasks: lines go straight into moto's log streams, where GetLogEvents finds them."""

import threading
import time

from moto.logs.models import logs_backends

from sandbox.account import ACCOUNT


class Logs:
    def __init__(self) -> None:
        self._lock = threading.Lock()  # moto's streams have none

    def create_group(self, region: str, group: str) -> None:
        """Where it is missing."""
        backend = logs_backends[ACCOUNT][region]
        with self._lock:
            if group not in backend.groups:
                backend.create_log_group(group, {})

    def create_stream(self, region: str, group: str, stream: str) -> bool:
        """False without the group."""
        backend = logs_backends[ACCOUNT][region]
        with self._lock:
            if group in backend.groups:
                backend.ensure_log_stream(group, stream)
            return group in backend.groups

    def write(self, region: str, group: str, stream: str, line: str) -> None:
        event = {"timestamp": int(time.time() * 1000), "message": line}
        backend = logs_backends[ACCOUNT][region]
        with self._lock:
            held = backend.groups.get(group)
            if held is not None and stream in held.streams:
                held.put_log_events(stream, [event])
