from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from deployments.aws.gateway import BotoGateway
from tests.aws.aws_stubs import ACCOUNT, Stubs

ROLE = f"arn:aws:iam::{ACCOUNT}:role/deployers/tealgate"
NOON, QUARTER = datetime(2026, 11, 21, 12, tzinfo=UTC), timedelta(minutes=15)
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

    identity = gateway.identity(NOON)

    assert (identity.account, identity.arn) == (ACCOUNT, SESSION)
    assert identity.clock_offset == pytest.approx(600, abs=5)


def test_who_we_are_is_remembered_for_as_long_as_it_is_trusted(gateway: BotoGateway, aws: Stubs) -> None:
    for arn in (SESSION, f"{SESSION}-2", f"{SESSION}-3"):
        add_identity(aws, arn)

    first, trusting = gateway.identity(NOON), gateway.identity(NOON + QUARTER, QUARTER)
    looking, late = gateway.identity(NOON), gateway.identity(NOON + 2 * QUARTER, QUARTER)

    assert [each.arn.removeprefix(SESSION) for each in (first, trusting, looking, late)] == ["", "", "-2", "-3"]


def test_a_role_exists_under_its_own_path_only(gateway: BotoGateway, aws: Stubs) -> None:
    add_role(aws)
    add_role(aws)
    aws.refuse("iam", "get_role", "NoSuchEntity", "cannot be found", 404)

    assert gateway.role_seen(ROLE, NOON) == NOON
    assert gateway.role_seen(f"arn:aws:iam::{ACCOUNT}:role/tealgate", NOON) is None
    assert gateway.role_seen(f"arn:aws:iam::{ACCOUNT}:role/gone", NOON) is None


@pytest.mark.parametrize(
    ("later", "trusted"),
    [(QUARTER + timedelta(seconds=1), QUARTER), (timedelta(0), timedelta(0))],
    ids=["old", "looked at"],
)
def test_a_role_is_remembered_for_as_long_as_that_is_trusted(
    gateway: BotoGateway, aws: Stubs, later: timedelta, trusted: timedelta
) -> None:
    add_role(aws)
    aws.refuse("iam", "get_role", "NoSuchEntity", "cannot be found", 404)
    gateway.role_seen(ROLE, NOON)

    assert gateway.role_seen(ROLE, NOON + QUARTER, QUARTER) == NOON
    assert gateway.role_seen(ROLE, NOON + later, trusted) is None


def test_a_role_that_is_missing_is_asked_for_again(gateway: BotoGateway, aws: Stubs) -> None:
    aws.refuse("iam", "get_role", "NoSuchEntity", "cannot be found", 404)
    add_role(aws)

    assert gateway.role_seen(ROLE, NOON, QUARTER) is None
    assert gateway.role_seen(ROLE, NOON, QUARTER) == NOON
