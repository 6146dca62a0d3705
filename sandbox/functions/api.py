"""Lambda's REST API: JSON in, JSON out, and the function's name in the path."""

import base64
import json
import re
import zipfile
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from sandbox.calls import Call, Environ, Refused, Response
from sandbox.functions.model import Function, Json
from sandbox.functions.store import Functions, arn_of, name_of, text_of
from sandbox.iam import trusts_service

NAME = re.compile(r"[\w-]{1,64}")
CANNOT_ASSUME = "The role defined for the function cannot be assumed by Lambda."
#: of a Python function, whatever its version: all of them run as this process does
RUNTIMES = "python3."


class Api:
    def __init__(self, functions: Functions) -> None:
        self._functions = functions
        self._operations: dict[str, Callable[[Call, Json, Environ], Response]] = {
            "CreateFunction": self._create,
            "GetFunction": self._get,
            "GetFunctionConfiguration": lambda call, *_: _json(200, self._named(call).configuration()),
            "ListFunctions": self._list,
            "UpdateFunctionCode": self._update_code,
            "DeleteFunction": self._delete,
            "Invoke": self._invoke,
        }

    def answer(self, call: Call, environ: Environ) -> Response:
        """Raises Refused."""
        operation = self._operations.get(call.operation)
        if operation is None:
            raise Refused(501, "NotImplemented", f"The sandbox does not know the operation {call.name}.")
        return operation(call, {} if call.operation == "Invoke" else call.parameters, environ)

    def _create(self, call: Call, given: Json, environ: Environ) -> Response:
        name = name_of(str(given.get("FunctionName", "")))
        if not NAME.fullmatch(name):
            raise _invalid("FunctionName is 1 to 64 letters, digits, hyphens and underscores.")
        if self._functions.find(call.region, name):
            raise Refused(409, "ResourceConflictException", f"Function already exist: {name}")
        runtime = str(given.get("Runtime", ""))
        if not runtime.startswith(RUNTIMES):
            raise _invalid(f"The sandbox runs Python functions only, not {runtime or 'images'}.")
        if not trusts_service(str(given.get("Role", "")), "lambda.amazonaws.com"):
            raise _invalid(CANNOT_ASSUME)
        function = Function(
            name,
            arn_of(call.region, name),
            role=str(given["Role"]),
            handler=str(given.get("Handler", "")),
            runtime=runtime,
            timeout=int(given.get("Timeout") or 3),
            memory=int(given.get("MemorySize") or 128),
            description=str(given.get("Description", "")),
            environment=dict((given.get("Environment") or {}).get("Variables") or {}),
            archive=_archive(given.get("Code") or {}),
        )
        self._put(call, function)
        return _json(201, function.configuration())

    def _put(self, call: Call, function: Function) -> None:
        try:
            self._functions.put(call.region, function)
        except zipfile.BadZipFile as error:
            raise _invalid("Could not unzip uploaded file. Please check your file and try again.") from error

    def _get(self, call: Call, given: Json, environ: Environ) -> Response:
        function = self._named(call)
        code = {"RepositoryType": "S3", "Location": f"https://sandbox.invalid/{function.name}.zip"}
        return _json(200, {"Configuration": function.configuration(), "Code": code, "Tags": {}})

    def _list(self, call: Call, given: Json, environ: Environ) -> Response:
        return _json(200, {"Functions": [each.configuration() for each in self._functions.of_region(call.region)]})

    def _update_code(self, call: Call, given: Json, environ: Environ) -> Response:
        function = self._named(call)
        function.archive = _archive(given)
        self._put(call, function)
        return _json(200, function.configuration())

    def _delete(self, call: Call, given: Json, environ: Environ) -> Response:
        self._functions.remove(call.region, self._named(call).name)
        return _json(204, None)

    def _invoke(self, call: Call, given: Json, environ: Environ) -> Response:
        function, kind = self._named(call), environ.get("HTTP_X_AMZ_INVOCATION_TYPE", "RequestResponse")
        try:
            event = json.loads(call.body or b"{}")
        except ValueError as error:
            raise Refused(400, "InvalidRequestContentException", "Could not parse request body into json") from error
        if kind == "DryRun":
            return _json(204, None)
        run = self._functions.begin(function, event)
        if kind == "Event":
            return Response(202, b"")
        run.wait()
        headers = [("X-Amz-Executed-Version", "$LATEST"), ("Content-Type", "application/json")]
        if run.error:
            headers.append(("X-Amz-Function-Error", run.error))
        if environ.get("HTTP_X_AMZ_LOG_TYPE") == "Tail":
            headers.append(("X-Amz-Log-Result", base64.b64encode("\n".join(run.log).encode()[-4096:]).decode()))
        return Response(200, text_of(run.answer), tuple(headers))

    def _named(self, call: Call) -> Function:
        name = unquote(call.resource)
        found = self._functions.find(call.region, name)
        if found is None:
            raise Refused(404, "ResourceNotFoundException", f"Function not found: {arn_of(call.region, name)}")
        return found


def _archive(code: Json) -> bytes:
    if not code.get("ZipFile"):
        raise _invalid("The sandbox takes the code of a function as a ZipFile only.")
    return base64.b64decode(code["ZipFile"])


def _invalid(message: str) -> Refused:
    return Refused(400, "InvalidParameterValueException", message)


def _json(status: int, body: Any) -> Response:
    return Response(status, b"" if body is None else text_of(body), (("Content-Type", "application/json"),))
