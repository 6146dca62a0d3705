from collections.abc import Iterator

import pytest

from deployments.aws.gateway import BotoGateway
from tests.aws.aws_stubs import Stubs, stubbed


@pytest.fixture
def stubs_and_gateway() -> Iterator[tuple[BotoGateway, Stubs]]:
    with stubbed() as both:
        yield both


@pytest.fixture
def gateway(stubs_and_gateway: tuple[BotoGateway, Stubs]) -> BotoGateway:
    return stubs_and_gateway[0]


@pytest.fixture
def aws(stubs_and_gateway: tuple[BotoGateway, Stubs]) -> Stubs:
    return stubs_and_gateway[1]
