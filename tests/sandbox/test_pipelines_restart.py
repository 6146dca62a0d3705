"""A pipeline that waits, after the sandbox came back."""

from pathlib import Path

from sandbox.server import Sandbox
from tests.sandbox.conftest import client_of
from tests.sandbox.test_pipelines import answer, make_pipeline, start, status, waiting


def test_what_waits_still_waits_after_a_restart(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with Sandbox(scale=50, applications=(), state=state) as first:
        make_pipeline(client_of(first, "codepipeline"), client_of(first, "iam"))
        execution = start(client_of(first, "codepipeline"), "1.4.2")
        token = waiting(client_of(first, "codepipeline"))["token"]

    with Sandbox(scale=50, applications=(), state=state) as again:
        codepipeline = client_of(again, "codepipeline")
        answer(codepipeline, "Approved", token)

        assert status(codepipeline, execution) == "Succeeded"
