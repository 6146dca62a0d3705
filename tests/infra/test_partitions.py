"""AWS's other partitions (GovCloud, China) have ARNs and hosts of their own, so that none of ours is written out."""

import re
from pathlib import Path

import pytest

INFRA = Path(__file__).resolve().parents[2] / "infra"
MODULES = sorted(path for path in INFRA.glob("terraform/**/*.tf") if ".terraform" not in path.parts)
POLICIES = sorted(INFRA.glob("iam/*.json"))


def code(path: Path) -> list[str]:
    """Without what is said to people."""
    return [line for line in path.read_text().splitlines() if not re.match(r"\s*(#|error_message|description)", line)]


@pytest.mark.parametrize("path", [*MODULES, *POLICIES], ids=lambda path: str(path.relative_to(INFRA)))
def test_no_partition_is_written_out(path: Path) -> None:
    assert [line for line in code(path) if re.search(r"arn:aws[a-z-]*:", line)] == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(INFRA)))
def test_no_host_of_one_partition_is_written_out(path: Path) -> None:
    """Names of services, such as ecs-tasks.amazonaws.com, are no hosts."""
    assert [line for line in code(path) if "https://" in line and ".amazonaws.com" in line] == []


def test_validations_take_arns_of_every_partition() -> None:
    patterns = [pattern for path in MODULES for pattern in re.findall(r'regex\("\^(arn:aws.*?):', path.read_text())]

    assert patterns
    assert set(patterns) == {"arn:aws[a-z-]*"}
