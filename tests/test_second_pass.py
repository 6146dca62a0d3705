"""What is tried once only, on SQLite: see second_pass.py."""

import pytest

from tests.second_pass import SHOWN, TOLD, WITHOUT
from tests.stack_database import ROOT

DATABASE = {"db", "transactional_db", "live_server"}


def test_what_is_left_out_on_postgresql_has_no_database(request: pytest.FixtureRequest) -> None:
    """Looks at whatever is collected beside it: all tests, in `make test`."""
    beginnings = tuple(f"{path}{there}" for path in WITHOUT for there in ("/", "::"))
    left_out = [item for item in request.session.items if item.nodeid.startswith(beginnings)]

    marked = [item.nodeid for item in left_out if item.get_closest_marker("django_db")]
    asking = [item.nodeid for item in left_out if DATABASE & set(getattr(item, "fixturenames", ()))]

    assert (marked, asking) == ([], [])
    assert all((ROOT / path).exists() for path in (*WITHOUT, *SHOWN, *TOLD))
