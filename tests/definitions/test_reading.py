"""Task definitions as people's files have them: each case is one that pipelines stumbled over."""

import json
from typing import Any

import pytest

from deployments.definitions import json_file, reading
from deployments.refused import Refused

WEB: dict[str, Any] = {"name": "web", "image": "<IMAGE1_NAME>"}
TASKDEF: dict[str, Any] = {"family": "shop", "containerDefinitions": [WEB]}


def read(content: Any, name: str = "taskdef.json") -> dict[str, Any]:
    given = content if isinstance(content, (str, bytes)) else json.dumps(content)
    return reading.read(json_file.read(name, given, field=reading.FIELD))


def refusal(content: Any) -> str:
    with pytest.raises(Refused) as caught:
        read(content)
    assert caught.value.field == "task_definition"
    return caught.value.sentence


def web(**members: Any) -> dict[str, Any]:
    return {**TASKDEF, "containerDefinitions": [{**WEB, **members}]}


def test_a_pipelines_file_is_read_as_it_is() -> None:
    assert read(TASKDEF) == TASKDEF


def test_what_aws_only_shows_is_left_out() -> None:
    shown = {
        **TASKDEF,
        "taskDefinitionArn": "arn:aws:ecs:eu-central-1:123456789012:task-definition/shop:7",
        "revision": 7,
        "status": "ACTIVE",
        "requiresAttributes": [{"name": "com.amazonaws.ecs.capability.docker-remote-api.1.18"}],
        "compatibilities": ["EC2", "FARGATE"],
        "registeredAt": "2026-11-29T10:00:00+01:00",
        "registeredBy": "arn:aws:iam::123456789012:user/ci",
        "enableFaultInjection": False,
    }

    assert read(shown) == {**TASKDEF, "enableFaultInjection": False}


def test_the_output_of_describe_task_definition_is_unwrapped_with_its_tags() -> None:
    tags = [{"key": "team", "value": "shop"}]

    assert read({"taskDefinition": {**TASKDEF, "revision": 7}, "tags": tags}) == {**TASKDEF, "tags": tags}
    assert "tags" not in read({"taskDefinition": TASKDEF, "tags": []})


def test_names_as_cloudformation_writes_them_are_taken_and_names_of_peoples_own_stay() -> None:
    written = {
        "Family": "shop",
        "ContainerDefinitions": [
            {"Name": "web", "Image": "x", "DockerLabels": {"Team": "Shop"},
             "Environment": [{"Name": "DEBUG", "Value": "0"}]},
        ],
        "Volumes": [{"Name": "media", "EFSVolumeConfiguration": {"FileSystemId": "fs-1"}}],
    }  # fmt: skip

    assert read(written) == {
        "family": "shop",
        "containerDefinitions": [
            {"name": "web", "image": "x", "dockerLabels": {"Team": "Shop"},
             "environment": [{"name": "DEBUG", "value": "0"}]},
        ],
        "volumes": [{"name": "media", "efsVolumeConfiguration": {"fileSystemId": "fs-1"}}],
    }  # fmt: skip


@pytest.mark.parametrize(
    "said",
    [
        {"taskRoleArn": None, "pidMode": None},
        {"executionRoleArn": "", "cpu": ""},
        # AWS answers "Tags can not be empty", and wants an execution role for a list of secrets without any
        {"tags": [], "volumes": [], "placementConstraints": []},
    ],
)
def test_what_says_nothing_is_left_out(said: dict[str, Any]) -> None:
    assert read({**TASKDEF, **said}) == TASKDEF


@pytest.mark.parametrize(
    "said",
    [
        {"secrets": [], "command": None, "links": []},
        {"repositoryCredentials": {"credentialsParameter": ""}},
        {"secrets": [None]},
        {"healthCheck": {}},
    ],
)
def test_what_says_nothing_of_a_container_is_left_out(said: dict[str, Any]) -> None:
    assert read(web(**said)) == TASKDEF


def test_an_empty_value_of_a_variable_or_an_option_stays() -> None:
    said = {
        "environment": [{"name": "PREFIX", "value": ""}],
        "logConfiguration": {"logDriver": "splunk", "options": {"tag": ""}},
    }

    assert read(web(**said)) == web(**said)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_file_is_read_in_whatever_way_windows_wrote_it(encoding: str) -> None:
    assert read(json.dumps(TASKDEF).encode(encoding)) == TASKDEF


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{\n  "family": "shop",\n  // the web\n}', "taskdef.json, line 3: JSON has no comments. Take it out."),
        ('{\n  "family": "shop",\n}', "taskdef.json, line 3: a comma stands before the closing bracket. Take it out."),
        ('{\n  "family": "shop"', "taskdef.json, line 2: the file ends too early. Was it written whole?"),
        ("", "taskdef.json, line 1: the file is empty."),
        ("family: shop", "taskdef.json, line 1: it is no JSON: Expecting value at column 1."),
        ('{"family": NaN}', "taskdef.json is no JSON: NaN is no number in JSON."),
        (b"\xff{}", "taskdef.json is no text in UTF-8: invalid start byte at byte 0."),
        ('{\n"cpu": "1",\n"cpu": "2"}', "taskdef.json, line 3: cpu stands here twice, first in line 2. Keep one."),
        ("[" * 50_000, "taskdef.json is no JSON: maximum recursion depth exceeded"),
        ('{"family": "' + "a" * 110_000, "taskdef.json has 110012 bytes; 102400 is the most."),
    ],
)  # fmt: skip
def test_a_file_that_is_no_json_is_refused_with_the_line(text: str | bytes, sentence: str) -> None:
    assert refusal(text).startswith(sentence)


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        (web(memmory=512), "containerDefinitions[0].memmory is no field that AWS knows; memory is."),
        ({**TASKDEF, "cpu": 256}, "cpu is a number; AWS takes a text here."),
        (web(memory="512"), "containerDefinitions[0].memory is a text; AWS takes a whole number here."),
        (web(essential="yes"), "containerDefinitions[0].essential is a text; AWS takes true or false here."),
        (web(portMappings={}), "containerDefinitions[0].portMappings is an object; AWS takes a list here."),
        (web(environment=[{"name": "DEBUG", "value": False}]),
         "containerDefinitions[0].environment[0].value is true or false; AWS takes a text here."),
        (web(environment={"DEBUG": "0"}), "containerDefinitions[0].environment is an object; AWS takes a list here."),
        (web(secrets=[{"name": "KEY"}]), "containerDefinitions[0].secrets[0] has no valueFrom."),
        (web(dockerLabels={"a": 1}), "containerDefinitions[0].dockerLabels.a is a number; AWS takes a text here."),
        (web(environment=[{"name": "KEY", "valueFrom": "arn:aws:ssm:::parameter/key"}]),
         "environment[0].valueFrom is no field that AWS knows; what has a valueFrom belongs into secrets."),
        (web(environment=[{"name": "KEY", "value": "x"}], secrets=[{"name": "KEY", "valueFrom": "arn:x"}]),
         "containerDefinitions[0].environment[0] is KEY, which is among its secrets too; ECS takes one of them."),
        (web(environment=[{"name": "", "value": "x"}]), "containerDefinitions[0].environment[0] has no name."),
        (web(essential=False), "containerDefinitions has no container that is essential; ECS wants one."),
        ({**TASKDEF, "networkMode": "vpc"}, "networkMode is vpc; AWS takes bridge, host, awsvpc, none."),
        ({"family": "shop"}, "it has no containerDefinitions."),
        ({**TASKDEF, "containerDefinitions": [{"image": "x"}]}, "containerDefinitions[0] has no name."),
        ({**TASKDEF, "containerDefinitions": [WEB, WEB]}, "containerDefinitions[1] is a second container named web."),
        ({**TASKDEF, "Family": "other"}, "Family is family, which stands there already."),
        ([WEB], "a task definition is an object with containerDefinitions, not a list alone."),
    ],
)  # fmt: skip
def test_what_aws_would_refuse_is_refused_with_its_place(written: Any, sentence: str) -> None:
    said = refusal(written)

    assert said.startswith("taskdef.json, line 1: ") and sentence in said


def test_a_fault_is_told_with_its_own_line_even_where_the_file_is_wrapped() -> None:
    text = json.dumps({"taskDefinition": web(memmory=512)}, indent=1)
    line = 1 + text[: text.index("512")].count("\n")

    assert refusal(text) == (
        f"taskdef.json, line {line}: taskDefinition.containerDefinitions[0].memmory is no field that AWS knows; "
        "memory is."
    )


def test_no_value_stands_in_a_refusal() -> None:
    said = refusal(
        web(environment=[{"name": "KEY", "value": ["hunter2"]}], logConfiguration={"options": {"t": "hunter2"}})
    )

    assert "environment[0].value is a list" in said and "logConfiguration has no logDriver" in said
    assert "hunter2" not in said


def test_many_faults_are_told_in_one_sentence() -> None:
    said = refusal({**TASKDEF, "a1": 1, "b1": 2, "c1": 3, "d1": 4, "e1": 5})

    assert said.count("is no field") == 3 and said.endswith("(2 more like these)")


def test_more_than_aws_takes_is_refused() -> None:
    assert "bytes without blanks; AWS takes 65536 at most." in refusal(web(command=["x" * 70_000]))


def test_a_placeholder_is_filled_wherever_it_stands_and_others_are_refused() -> None:
    document = read(web(environment=[{"name": "IMAGE", "value": "<IMAGE1_NAME>"}, {"name": "HINT", "value": "<NONE>"}]))

    (filled,) = reading.filled("taskdef.json", document, {"web": "shop@sha256:1"})["containerDefinitions"]

    assert filled["image"] == "shop@sha256:1"
    assert [each["value"] for each in filled["environment"]] == ["shop@sha256:1", "<NONE>"]
    with pytest.raises(Refused, match=r"taskdef.json: taskRoleArn holds <ACCOUNT>, which nothing fills"):
        reading.filled("taskdef.json", {**document, "taskRoleArn": "arn:aws:iam::<ACCOUNT>:role/a"}, {"web": "x"})


@pytest.mark.parametrize("value", ['{"a": "\\u0000"}', '{"a": ["\\ud800"]}', '{"a\\udfff": 1}', '["\\ude00\\ud83d"]'])
def test_what_no_database_keeps_is_refused_with_its_line(value: str) -> None:
    with pytest.raises(Refused, match=r"taskdef.json, line 2: a null character, or half of one"):
        json_file.read("taskdef.json", f"\n{value}", field="task_definition")


def test_a_whole_character_in_two_escapes_is_kept() -> None:
    assert json_file.read("taskdef.json", r'{"a": "\ud83d\ude00"}', field="task_definition").value == {"a": "😀"}


@pytest.mark.parametrize("levels", [102, 400, 985])
def test_what_is_nested_too_deeply_is_refused(levels: int) -> None:
    with pytest.raises(Refused, match=r"nested deeper than 100 levels|recursion"):
        json_file.read("taskdef.json", "[" * levels + "]" * levels, field="task_definition")
