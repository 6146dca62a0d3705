"""The API does what its description says: schemathesis, which nobody here wrote, sends what the description allows and
what it does not, over HTTP, and holds each answer against it.

It comes from requirements-clients.txt, as tests/sandbox/test_clients.py tells.
"""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from deployments.ops import rate
from tests.api.conftest import Given, aws, ecr, given, world
from tests.api.description import Shop, shop_at_gate
from tests.delivery.engine.world import World
from tests.fakes.aws import FakeGateway
from tests.sandbox.test_clients import VENV

__all__ = ["aws", "ecr", "given", "world"]

HERE = Path(__file__).parent
PROGRAM = VENV / "bin" / "schemathesis"


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    for bucket in (rate.BY_TOKEN, rate.BY_ADDRESS, rate.SIGN_INS, rate.SIGN_IN_LOOKS):
        monkeypatch.setattr(bucket, "wait", lambda name: 0)


@pytest.mark.skipif(not PROGRAM.exists(), reason=f"no schemathesis in {VENV}: install requirements-clients.txt there")
def test_every_answer_is_as_described(
    live_server: Any, aws: World, ecr: FakeGateway, given: Given, unhurried: None, tmp_path: Path
) -> None:
    assert shop_at_gate(aws) == Shop(deployment=1, gate=1)  # as schemathesis.toml names them

    ended = subprocess.run(
        [PROGRAM, "--config-file", HERE / "schemathesis.toml", "run", f"{live_server.url}/api/v1/openapi.json"],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "TEALGATE_TOKEN": given().secret, "LC_ALL": "C.UTF-8"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
    )

    assert ended.returncode == 0, ended.stdout + ended.stderr
