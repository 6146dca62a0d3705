"""Which answers of PostgreSQL's no waiting mends."""

import pytest
from django.db import OperationalError

from deployments.ops.outages import is_refusal

SERVER = 'connection to server at "10.0.3.7", port 5432 failed: '


@pytest.mark.parametrize(
    "said",
    ['FATAL:  password authentication failed for user "tealgate"', 'FATAL:  role "tealgate" does not exist'],
)
def test_who_is_not_let_in_is_refused(said: str) -> None:
    assert is_refusal(OperationalError(SERVER + said))


@pytest.mark.parametrize(
    "said",
    [
        "Connection refused",
        "FATAL:  the database system is starting up",
        "FATAL:  the database system is shutting down",
        "FATAL:  the database system is in recovery mode",
        "FATAL:  the database system is not yet accepting connections",
        "FATAL:  sorry, too many clients already",
        "FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute",
    ],
)
def test_a_server_that_begins_recovers_or_is_full_is_waited_for(said: str) -> None:
    assert not is_refusal(OperationalError(SERVER + said))


def test_a_fault_of_ours_is_no_refusal() -> None:
    assert not is_refusal(ValueError("FATAL: not of a server"))
