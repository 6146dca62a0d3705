"""All functions of a sandbox, by region and name, and their runs: each in a thread, those made by the API in a process.

A function made by the API calls AWS, which is this sandbox, as its role.
"""

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import uuid
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sandbox.account import ACCOUNT, arn
from sandbox.functions import runner
from sandbox.functions.model import Callable_, Function, Json, Run

#: Real seconds: Python has to start and to read the AWS SDK on a machine that has other things to do.
LEAST_TIMEOUT = 30.0


class Functions:
    def __init__(self, credentials: Callable[[str], dict[str, str]]) -> None:
        """``credentials`` makes the environment of a process that calls the sandbox as this role."""
        self._credentials = credentials
        self._functions: dict[tuple[str, str], Function] = {}
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._folder = Path(tempfile.mkdtemp(prefix="sandbox-functions-"))

    def close(self) -> None:
        with self._lock:
            for child in self._running:
                child.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def serve(self, region: str, name: str, call: Callable_) -> Function:
        """A callable of this process as a function; another one of that name is replaced."""
        made = Function(name, arn("lambda", f"function:{name}", region), call=call)
        self._functions[region, name] = made
        return made

    def put(self, region: str, function: Function) -> None:
        """Its archive is unpacked. Raises zipfile.BadZipFile."""
        function.code = self._folder / str(uuid.uuid4())
        with zipfile.ZipFile(io.BytesIO(function.archive)) as archive:
            archive.extractall(function.code)
        self._functions[region, function.name] = function

    def find(self, region: str, name_or_arn: str) -> Function | None:
        return self._functions.get((region, name_of(name_or_arn)))

    def remove(self, region: str, name: str) -> None:
        self._functions.pop((region, name), None)

    def of_region(self, region: str) -> list[Function]:
        return [each for (where, _), each in sorted(self._functions.items()) if where == region]

    def begin(self, function: Function, event: Json) -> Run:
        run = Run()
        threading.Thread(target=self._run, args=(function, event, run), name=function.name, daemon=True).start()
        return run

    def _run(self, function: Function, event: Json, run: Run) -> None:
        try:
            if function.call is not None:
                run.returned(function.call(event))
            else:
                self._in_process(function, event, run)
        except Exception as error:
            run.failed(type(error).__name__, str(error))

    def _in_process(self, function: Function, event: Json, run: Run) -> None:
        child = subprocess.Popen(
            [sys.executable, runner.__file__, str(function.code), function.handler],
            env=self._environment(function),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        with self._lock:
            self._running.add(child)
        seconds = max(LEAST_TIMEOUT, float(function.timeout))
        try:
            answered, logged = child.communicate(json.dumps(event).encode(), timeout=seconds)
        except subprocess.TimeoutExpired:
            child.kill()
            _, logged = child.communicate()
            run.log = logged.decode(errors="replace").splitlines()
            run.failed("Sandbox.Timedout", f"Task timed out after {function.timeout:.2f} seconds")
            return
        finally:
            with self._lock:
                self._running.discard(child)
        run.log = logged.decode(errors="replace").splitlines()
        _answer(run, answered, child.returncode)

    def _environment(self, function: Function) -> dict[str, str]:
        region = function.arn.split(":")[3]
        inherited = {name: os.environ[name] for name in ("PATH", "LANG", "PYTHONPATH") if name in os.environ}
        return {
            **inherited,
            **self._credentials(function.role),
            **function.environment,
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_REQUEST_ID": str(uuid.uuid4()),
            "AWS_LAMBDA_FUNCTION_NAME": function.name,
            "AWS_LAMBDA_FUNCTION_ARN": function.arn,
        }


def name_of(name_or_arn: str) -> str:
    """Of a name, an ARN or a partial ARN; a version or an alias is left off."""
    parts = name_or_arn.split(":")
    if "function" in parts:
        return parts[parts.index("function") + 1]
    return parts[0]


def arn_of(region: str, name_or_arn: str) -> str:
    if name_or_arn.startswith("arn:"):
        return name_or_arn
    return f"arn:aws:lambda:{region}:{ACCOUNT}:function:{name_or_arn}"


def _answer(run: Run, answered: bytes, code: int) -> None:
    told: Json = {}
    with contextlib.suppress(ValueError):
        told = json.loads(answered)
    if "returned" in told:
        run.returned(told["returned"])
    elif "error" in told:
        run.failed(str(told["error"]), str(told["message"]))
    else:
        words = f"RequestId: {uuid.uuid4()} Error: Runtime exited with error: exit status {code}"
        run.failed("Runtime.ExitError", words)


def text_of(answer: Any) -> bytes:
    return json.dumps(answer).encode()
