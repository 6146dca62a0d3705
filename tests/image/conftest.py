"""One installation for all tests of the images. Skips with the reason when this machine cannot build them."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.image import building, servers
from tests.image.containers import Container
from tests.image.installation import Installation, Task


@pytest.fixture(scope="session")
def installation() -> Iterator[Installation]:
    reason = building.missing() or servers.missing()
    if reason:
        pytest.skip(reason)
    with tempfile.TemporaryDirectory(prefix="tealgate-image-") as home, Installation(Path(home)) as running:
        running.migrate()
        running.seed(canary_bake_seconds=2, bake_seconds=1, termination_wait_seconds=2, scale_up_timeout_seconds=60,
                     min_requests=5)  # fmt: skip
        yield running


@pytest.fixture(scope="session")
def task(installation: Installation) -> Task:
    """In front of it is nobody: what a caller says of HTTPS and of other addresses is not believed."""
    task = installation.task(tls=True).start()
    task.wait()
    return task


@pytest.fixture(scope="session")
def worker(installation: Installation) -> Container:
    return installation.worker().start()
