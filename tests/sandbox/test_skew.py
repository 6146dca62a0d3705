"""A sandbox whose clock is ahead of its clients', as theirs may be behind AWS's."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.server import Sandbox
from tests.sandbox.conftest import client_of


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(world=False) as running:
        yield running


@pytest.fixture
def sts(sandbox: Sandbox) -> Any:
    return client_of(sandbox, "sts")


def test_an_answer_tells_the_sandboxs_time(sandbox: Sandbox, sts: Any) -> None:
    sandbox.skew.seconds = 420

    answer = sts.get_caller_identity()

    date = parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])
    assert abs(date - datetime.now(UTC) - timedelta(seconds=420)) < timedelta(seconds=30)


@pytest.mark.parametrize(("ahead", "sentence"), [(1200, "Signature expired"), (-1200, "Signature not yet current")])
def test_a_signature_of_another_time_is_refused(sandbox: Sandbox, sts: Any, ahead: int, sentence: str) -> None:
    sandbox.skew.seconds = ahead

    with pytest.raises(ClientError, match=sentence) as refused:
        sts.get_caller_identity()

    assert refused.value.response["Error"]["Code"] == "SignatureDoesNotMatch"
