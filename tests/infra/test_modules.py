"""Every module and example is formatted, valid, and refuses what cannot work with a sentence."""

from pathlib import Path

import pytest

from tests.infra.terraform import TREE, Terraform

pytestmark = pytest.mark.infra
MODULES = sorted(path.parent.name for path in TREE.glob("modules/*/versions.tf"))
EXAMPLES = sorted(path.parent.name for path in TREE.glob("examples/*/versions.tf"))
CHECKED_BY_EXAMPLES = {"network", "load_balancer", "cluster", "blue_green_service", "codedeploy_servers"}


def test_all_of_it_is_formatted(terraform: Terraform) -> None:
    terraform.run("", "fmt", "-check", "-recursive", "-diff")


@pytest.mark.parametrize("module", MODULES)
def test_a_module_is_valid_by_itself(terraform: Terraform, module: str) -> None:
    folder = f"modules/{module}"
    terraform.run(folder, "init", "-backend=false")
    terraform.run(folder, "validate")


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_says_what_it_builds_and_how_tealgate_gets_to_know_it(example: str) -> None:
    readme = (TREE / "examples" / example / "README.md").read_text()
    for heading in ("## What it builds", "## Apply", "## Register it in Tealgate", "## Good to know", "## Not shown"):
        assert heading in readme, heading


def test_nothing_that_is_committed_points_to_a_sandbox() -> None:
    said = "".join(path.read_text() for path in TREE.rglob("*.tf"))
    for word in ("endpoints", "skip_credentials_validation", "access_key", "127.0.0.1", "localhost"):
        assert word not in said


_SERVICE = {
    "name": '"shop"',
    "controller": '"ROLLING"',
    "cluster": '"shop"',
    "vpc_id": '"vpc-1"',
    "subnet_ids": '["subnet-1"]',
    "load_balancer_security_group_id": '"sg-1"',
    "listener_arns": '{ production = "arn" }',
    "image": '"shop:1.0.0"',
}


@pytest.mark.parametrize(
    ("module", "given", "sentence"),
    [
        ("network", {"name": '"shop"', "nat": '"both"'}, "nat is none, instance or gateway."),
        ("network", {"name": '"Shop"'}, "lower-case letters"),
        ("blue_green_service", _SERVICE | {"controller": '"ECS"'}, "takes version 6 of the AWS"),
        ("blue_green_service", _SERVICE | {"image": '"shop"'}, "image names a tag or, better, a digest"),
        ("blue_green_service", _SERVICE | {"subnet_ids": "[]"}, "A Fargate service needs subnet_ids."),
        ("blue_green_service", _SERVICE | {"cpu": "300"}, "Fargate's cpu is 256"),
        ("blue_green_service", _SERVICE | {"secrets": '{ KEY = "hunter2" }'}, "secrets are ARNs, not values."),
        ("blue_green_service", _SERVICE | {"max_count": "1"}, "max_count is at least desired_count"),
        ("blue_green_service", _SERVICE | {"health_check": '{ path = "healthz" }'}, "begins with a slash"),
    ],
)
def test_a_module_refuses_what_cannot_work(
    terraform: Terraform, tmp_path: Path, module: str, given: dict[str, str], sentence: str
) -> None:
    body = "\n".join(f"  {name} = {value}" for name, value in given.items())
    root = terraform.tree / "refused"
    root.mkdir()
    (root / "main.tf").write_text(f'module "it" {{\n  source = "../modules/{module}"\n{body}\n}}\n')
    terraform.run("refused", "init", "-backend=false")

    said = terraform.run("refused", "validate", accept=(1,)).stdout

    assert sentence in " ".join(said.replace("│", " ").split())
