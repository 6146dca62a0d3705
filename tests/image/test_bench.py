"""The measurement of the images, as small as it gets."""

import shutil

import pytest

from bench import cgroup, image, small_web
from tests.image.installation import Installation

pytestmark = [pytest.mark.image, pytest.mark.timeout(1500)]


@pytest.mark.skipif(not shutil.which("wrk"), reason="needs wrk")
def test_health_checks_at_full_speed_survive_two_reloads(installation: Installation) -> None:
    ((_, requests, a_second, _, p99, errors),) = image.at_full_speed(installation, 3).rows

    assert errors == 0
    assert int(requests) > 300
    assert 0 < float(p99) < 3000
    assert float(a_second) > 100


def test_a_process_at_rest_is_weighed_and_timed(installation: Installation) -> None:
    rows = {row[0]: row for row in image.at_rest(installation).rows}

    assert set(rows) == {"web", "worker", "nginx"}
    for _, size, seconds, memory in rows.values():
        assert 50 < float(size) < 1000
        assert 0 < float(seconds) < 30
        assert 1 < float(memory) < 500


@pytest.mark.skipif(bool(cgroup.missing()), reason="needs control groups")
def test_a_web_task_in_a_quarter_of_a_processor_passes_its_health_checks_under_load(installation: Installation) -> None:
    installation.migrate()
    installation.seed()

    _, _, ready, pages, _, _, _, checks, passed, _, memory = small_web.measure(installation, 0.25, 10, 16)

    assert float(ready) > 0
    assert int(pages) > 10
    assert 5 < int(checks) == int(passed)
    assert 10 < float(memory) < small_web.MEBIBYTES
