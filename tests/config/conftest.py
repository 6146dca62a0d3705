from pathlib import Path

import pytest

from tests.static_files import collect


@pytest.fixture(scope="session")
def static_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """STATIC_ROOT after `collectstatic`, to be read only."""
    return collect(tmp_path_factory.mktemp("static"))
