"""Every module and example is formatted, valid, and refuses what cannot work."""

import pytest

from tests.infra.terraform import TREE, Terraform

pytestmark = pytest.mark.infra
MODULES = sorted(path.parent.name for path in TREE.glob("modules/*/versions.tf"))
EXAMPLES = sorted(path.parent.name for path in TREE.glob("examples/*/versions.tf"))


def test_all_of_it_is_formatted(terraform: Terraform) -> None:
    terraform.run("", "fmt", "-check", "-recursive", "-diff")


@pytest.mark.parametrize("module", MODULES)
def test_a_module_is_valid_by_itself_and_refuses_what_cannot_work(terraform: Terraform, module: str) -> None:
    folder = f"modules/{module}"
    terraform.run(folder, "init", "-backend=false")
    # What is planned is validated before.
    said = terraform.run(folder, "test").stdout
    assert "0 failed" in said and "Success! 0 passed" not in said


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_says_what_it_builds_and_how_tealgate_gets_to_know_it(example: str) -> None:
    readme = (TREE / "examples" / example / "README.md").read_text()
    for heading in ("## What it builds", "## Apply", "## Register it in Tealgate", "## Good to know", "## Not shown"):
        assert heading in readme, heading


def test_nothing_that_is_committed_points_to_a_sandbox() -> None:
    said = "".join(path.read_text() for path in TREE.rglob("*.tf"))
    for word in ("endpoints", "skip_credentials_validation", "access_key", "127.0.0.1", "localhost"):
        assert word not in said
