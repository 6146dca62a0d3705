"""A function, as it was created, and one run of it."""

import hashlib
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Json = dict[str, Any]
Callable_ = Callable[[Json], Any]


@dataclass
class Function:
    """Either ``code``, the folder that its archive was unpacked to, or ``call``, a callable of this process."""

    name: str
    arn: str
    role: str = ""
    handler: str = ""
    runtime: str = "python3.12"
    timeout: int = 3
    memory: int = 128
    description: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    archive: bytes = b""
    code: Path | None = None
    call: Callable_ | None = None
    modified_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def configuration(self) -> Json:
        shown: Json = {
            "FunctionName": self.name,
            "FunctionArn": self.arn,
            "Runtime": self.runtime,
            "Role": self.role,
            "Handler": self.handler,
            "CodeSize": len(self.archive),
            "Description": self.description,
            "Timeout": self.timeout,
            "MemorySize": self.memory,
            "LastModified": self.modified_at.strftime("%Y-%m-%dT%H:%M:%S.000+0000"),
            "CodeSha256": hashlib.sha256(self.archive).hexdigest(),
            "Version": "$LATEST",
            "State": "Active",
            "LastUpdateStatus": "Successful",
            "PackageType": "Zip",
            "Architectures": ["x86_64"],
        }
        return shown | ({"Environment": {"Variables": self.environment}} if self.environment else {})


class Run:
    """Begun; ``wait`` for it, or look whether it is ``done``."""

    def __init__(self) -> None:
        self._done = threading.Event()
        #: what the function returned, or what Lambda says of its failure
        self.answer: Any = None
        #: "" or Unhandled, as Lambda's header has it
        self.error = ""
        self.log: list[str] = []

    @property
    def done(self) -> bool:
        return self._done.is_set()

    def wait(self) -> None:
        self._done.wait()

    def returned(self, answer: Any) -> None:
        self.answer = json.loads(json.dumps(answer))
        self._done.set()

    def failed(self, kind: str, message: str) -> None:
        self.answer, self.error = {"errorMessage": message, "errorType": kind}, "Unhandled"
        self._done.set()
