from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from deployments.aws.gateway import BotoGateway
from tests.aws.aws_stubs import ACCOUNT, Stubs

ROLE = f"arn:aws:iam::{ACCOUNT}:role/deployers/tealgate"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/tealgate/tealgate"


def add_identity(aws: Stubs, arn: str, date: datetime | None = None) -> None:
    headers = {"date": format_datetime(date, usegmt=True)} if date else {}
    metadata = {"HTTPStatusCode": 200, "HTTPHeaders": headers}
    aws.add("sts", "get_caller_identity", {"Account": ACCOUNT, "Arn": arn, "ResponseMetadata": metadata})


def add_role(aws: Stubs, arn: str = ROLE) -> None:
    created = datetime(2026, 1, 1, tzinfo=UTC)
    role = {"Path": "/", "RoleName": "tealgate", "RoleId": "A" * 16, "Arn": arn, "CreateDate": created}
    aws.add("iam", "get_role", {"Role": role}, {"RoleName": "tealgate"})


def test_identity_measures_the_clock(gateway: BotoGateway, aws: Stubs) -> None:
    add_identity(aws, SESSION, datetime.now(UTC) + timedelta(minutes=10))

    identity = gateway.identity()

    assert (identity.account, identity.arn) == (ACCOUNT, SESSION)
    assert identity.clock_offset == pytest.approx(600, abs=5)


def test_a_role_exists_under_its_own_path_only(gateway: BotoGateway, aws: Stubs) -> None:
    add_role(aws)
    add_role(aws)
    aws.refuse("iam", "get_role", "NoSuchEntity", "cannot be found", 404)

    assert gateway.role_exists(ROLE)
    assert not gateway.role_exists(f"arn:aws:iam::{ACCOUNT}:role/tealgate")
    assert not gateway.role_exists(f"arn:aws:iam::{ACCOUNT}:role/gone")
