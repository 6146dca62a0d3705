"""Lambda's API as clients call it: functions that are made, run and gone."""

import base64
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.server import Sandbox
from tests.sandbox.functions import archive, create, role

GREETS = """
import os
def handler(event, context):
    print("asked by", event["name"])
    if event["name"] == "nobody":
        raise ValueError("who is there?")
    return {"hello": event["name"], "in": os.environ["AWS_REGION"], "from": os.environ["GREETING"]}
"""


@pytest.fixture(scope="module")
def functions(client: Any) -> Any:
    return client("lambda")


@pytest.fixture(scope="module")
def greets(sandbox: Sandbox, functions: Any) -> str:
    runs_as = role(sandbox, "greets", "lambda.amazonaws.com")
    return create(functions, "greets", GREETS, runs_as, Environment={"Variables": {"GREETING": "here"}})


def test_a_function_is_run_with_its_event_its_environment_and_its_log(functions: Any, greets: str) -> None:
    answer = functions.invoke(FunctionName="greets", Payload=b'{"name": "ada"}', LogType="Tail")

    assert json.loads(answer["Payload"].read()) == {"hello": "ada", "in": "us-east-1", "from": "here"}
    assert (answer["StatusCode"], answer["ExecutedVersion"]) == (200, "$LATEST")
    assert base64.b64decode(answer["LogResult"]).decode() == "asked by ada"


def test_a_function_that_raises_answers_with_its_error(functions: Any, greets: str) -> None:
    answer = functions.invoke(FunctionName=greets, Payload=b'{"name": "nobody"}')

    assert answer["FunctionError"] == "Unhandled"
    assert json.loads(answer["Payload"].read()) == {"errorMessage": "who is there?", "errorType": "ValueError"}


def test_an_event_is_taken_and_a_dry_run_runs_nothing(functions: Any, greets: str) -> None:
    asked = {"FunctionName": "greets", "Payload": b'{"name": "ada"}'}

    assert functions.invoke(**asked, InvocationType="Event")["StatusCode"] == 202
    assert functions.invoke(**asked, InvocationType="DryRun")["StatusCode"] == 204


def test_a_function_is_described_waited_for_listed_changed_and_deleted(sandbox: Sandbox, functions: Any) -> None:
    runs_as = role(sandbox, "short-lived", "lambda.amazonaws.com")
    arn = create(functions, "short-lived", "def handler(event, context): return 1", runs_as)
    functions.get_waiter("function_active_v2").wait(FunctionName="short-lived")

    shown = functions.get_function(FunctionName=arn)["Configuration"]
    assert (shown["State"], shown["Role"], shown["Handler"]) == ("Active", runs_as, "hook.handler")
    assert "short-lived" in [each["FunctionName"] for each in functions.list_functions()["Functions"]]
    functions.update_function_code(FunctionName="short-lived", ZipFile=archive("def handler(event, context): return 2"))
    assert functions.invoke(FunctionName="short-lived")["Payload"].read() == b"2"

    functions.delete_function(FunctionName="short-lived")
    with pytest.raises(functions.exceptions.ResourceNotFoundException, match="Function not found: arn:aws:lambda"):
        functions.get_function(FunctionName="short-lived")


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"FunctionName": "greets"}, "ResourceConflictException", "already exist"),
        ({"Role": "arn:aws:iam::123456789012:role/nobody"}, "InvalidParameterValueException", "cannot be assumed by"),
        ({"Runtime": "nodejs22.x"}, "InvalidParameterValueException", "runs Python functions only, not nodejs22.x"),
        ({"Code": {"ZipFile": b"no archive"}}, "InvalidParameterValueException", "Could not unzip uploaded file"),
    ],
)
def test_what_cannot_be_made_is_refused(
    functions: Any, greets: str, changes: dict[str, Any], code: str, words: str
) -> None:
    given: dict[str, Any] = {"FunctionName": "new", "Runtime": "python3.12", "Handler": "hook.handler"}
    given |= {"Role": functions.get_function(FunctionName=greets)["Configuration"]["Role"]}

    with pytest.raises(ClientError) as refused:
        functions.create_function(**given | {"Code": {"ZipFile": archive("")}} | changes)

    assert refused.value.response["Error"]["Code"] == code
    assert words in refused.value.response["Error"]["Message"]
