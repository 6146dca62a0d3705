"""What docs/self-hosting.md says to type, without Terraform, so that AWS tells of alarms."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import boto3
import pytest

from sandbox.server import Sandbox
from tests.infra.terraform import ROOT
from tests.sandbox.test_clients import VENV, needs_clients

pytestmark = [pytest.mark.infra, pytest.mark.clients, needs_clients, pytest.mark.usefixtures("connected")]


def test_what_the_documents_say_to_type_brings_events_to_the_queue(account: Sandbox, tmp_path: Path) -> None:
    said = (ROOT / "docs" / "self-hosting.md").read_text().partition("## AWS tells of alarms")[2]
    commands = said.partition("```sh\n")[2].partition("```")[0]
    numbers = dict(re.findall(r"^([A-Z]+)=(\S+)$", commands, re.MULTILINE))

    # The CLI's first version goes past AWS_ENDPOINT_URL to SQS.
    commands = commands.replace("\naws ", f"\naws --endpoint-url {account.url} ")
    environment = os.environ | {"PATH": f"{VENV / 'bin'}:/usr/bin:/bin", "HOME": str(tmp_path)}
    typed = subprocess.run(["sh", "-euc", commands], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert typed.returncode == 0, typed.stderr

    def client(service: str) -> Any:
        return boto3.client(service, region_name=numbers["REGION"])

    client("events").put_events(Entries=[{"Source": "tealgate", "DetailType": "Tealgate Echo", "Detail": "{}"}])
    queue = client("sqs").get_queue_url(QueueName=numbers["NAME"])["QueueUrl"]
    (message,) = client("sqs").receive_message(QueueUrl=queue)["Messages"]
    assert json.loads(message["Body"])["source"] == "tealgate"
