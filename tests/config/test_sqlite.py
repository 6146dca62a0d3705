"""An SQLite file on EFS is refused before it is opened."""

from pathlib import Path

import pytest

from config.settings.reading import Reader
from config.settings.sqlite import file_system, on_this_machine

MOUNTS = """\
overlay / overlay rw,relatime 0 0
/dev/nvme1n1 /var/lib/tealgate ext4 rw,relatime 0 0
127.0.0.1:/ /mnt/efs nfs4 rw,relatime,vers=4.1,addr=127.0.0.1 0 0
/dev/nvme2n1 /mnt/efs/own\\040disk xfs rw 0 0
//files/share /mnt/share cifs rw 0 0
"""


@pytest.fixture
def mounts(tmp_path: Path) -> Path:
    written = tmp_path / "mounts"
    written.write_text(MOUNTS)
    return written


def judged(name: str, mounts: Path, engine: str = "django.db.backends.sqlite3") -> list[str]:
    read = Reader({})
    on_this_machine(read, {"ENGINE": engine, "NAME": name}, mounts)
    return [str(problem) for problem in read.problems]


@pytest.mark.parametrize(("name", "kind"), [("/mnt/efs/db.sqlite3", "nfs4"), ("/mnt/share/a/db.sqlite3", "cifs")])
def test_a_file_on_the_network_is_refused_with_what_to_use_instead(name: str, kind: str, mounts: Path) -> None:
    (said,) = judged(name, mounts)

    assert f"DATABASE_URL is an SQLite file on a file system of the network ({kind}), such as EFS" in said
    assert "Use PostgreSQL, or a folder on a disk of this one machine." in said


@pytest.mark.parametrize(
    "name", ["/var/lib/tealgate/db.sqlite3", "/srv/db.sqlite3", "/mnt/efs/own disk/db.sqlite3", "/mnt/efsx/db.sqlite3"]
)
def test_a_file_on_a_disk_is_taken(name: str, mounts: Path) -> None:
    assert judged(name, mounts) == []


def test_a_link_to_a_file_on_the_network_is_refused_too(tmp_path: Path) -> None:
    (tmp_path / "efs").mkdir()
    (tmp_path / "here").symlink_to(tmp_path / "efs")

    assert file_system(tmp_path / "here/db.sqlite3", [f"fs:/ {tmp_path}/efs nfs4 rw 0 0"]) == "nfs4"


def test_postgresql_is_nobody_s_file(mounts: Path) -> None:
    assert judged("/mnt/efs/db", mounts, engine="config.postgresql") == []


def test_where_there_is_no_list_of_mounts_nothing_is_said(tmp_path: Path) -> None:
    assert judged("/mnt/efs/db.sqlite3", tmp_path / "none") == []
