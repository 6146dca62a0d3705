"""Terraform against a sandbox: a copy of infra/terraform, with a provider that goes nowhere else."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import pytest

ROOT = Path(__file__).resolve().parents[2]
TREE = ROOT / "infra" / "terraform"
PROVIDER = Path("registry.terraform.io/hashicorp/aws")
#: Where Terraform itself looks for plug-ins that somebody put there.
IMPLIED = (
    "~/.terraform.d/plugins",
    "~/.local/share/terraform/plugins",
    "/usr/local/share/terraform/plugins",
    "/usr/share/terraform/plugins",
)
CONFIGURATION = """
disable_checkpoint = true
provider_installation {{
  filesystem_mirror {{
    path = "{plugins}"
  }}
}}
"""
OVERRIDE = """
provider "aws" {
  access_key                  = "terraform"
  secret_key                  = "terraform"
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true
}
"""


class TerraformFailed(AssertionError):
    """With everything that Terraform said."""


def program() -> str:
    """Skips the test when there is none."""
    found = shutil.which("terraform")
    if found is None:
        pytest.skip("terraform is not installed")
    return found


def configuration(folder: Path) -> Path:
    """A CLI configuration under which init reaches no network. Skips the test without the AWS provider."""
    given = os.environ.get("TF_CLI_CONFIG_FILE", "")
    if given and Path(given).is_file():
        return Path(given)
    plugins = _plugins()
    if plugins is None:
        pytest.skip("Terraform's AWS provider is on no mirror here; TEALGATE_TERRAFORM_PLUGINS names one")
    written = folder / "terraform.rc"
    written.write_text(CONFIGURATION.format(plugins=plugins))
    return written


def _plugins() -> Path | None:
    given = os.environ.get("TEALGATE_TERRAFORM_PLUGINS")
    places = [given] if given else IMPLIED
    mirrors = (Path(place).expanduser() for place in places)
    return next((mirror for mirror in mirrors if (mirror / PROVIDER).is_dir()), None)


@dataclass
class Terraform:
    """`Terraform(copy, rc).run("examples/…", "init")`; the folder is inside a copy of infra/terraform."""

    tree: Path
    configuration: Path
    endpoint: str = "http://127.0.0.1:9"

    def run(self, folder: str, *arguments: str, accept: tuple[int, ...] = (0,)) -> subprocess.CompletedProcess[str]:
        command = [program(), f"-chdir={self.tree / folder}", *arguments]
        done = subprocess.run(
            command, env=self._environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        if done.returncode not in accept:
            raise TerraformFailed(f"{' '.join(arguments)} in {folder}:\n{done.stdout}{done.stderr}")
        return done

    def at(self, endpoint: str) -> Self:
        return replace(self, endpoint=endpoint)

    @cached_property
    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_"))}
        return kept | {
            "TF_CLI_CONFIG_FILE": str(self.configuration),
            "TF_IN_AUTOMATION": "1",
            "TF_CLI_ARGS": "-no-color",
            "CHECKPOINT_DISABLE": "1",
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }


@dataclass
class Stack:
    """One example, applied."""

    terraform: Terraform
    example: str

    def apply(self, **variables: Any) -> None:
        self.say(**variables)
        self.terraform.run(self.example, "apply", "-auto-approve", "-input=false", "-parallelism=20")

    def say(self, **variables: Any) -> None:
        """For whatever is run next."""
        folder = self.terraform.tree / self.example
        (folder / "terraform.tfvars.json").write_text(json.dumps(variables))
        if not (folder / ".terraform").is_dir():
            (folder / "sandbox_override.tf").write_text(OVERRIDE)
            self.terraform.run(self.example, "init")

    def changes(self) -> str:
        """What a plan would change; nothing when it is empty."""
        done = self.terraform.run(self.example, "plan", "-detailed-exitcode", "-input=false", accept=(0, 2))
        return done.stdout.partition("Terraform will perform")[2] if done.returncode else ""

    @cached_property
    def outputs(self) -> Mapping[str, Any]:
        read = json.loads(self.terraform.run(self.example, "output", "-json").stdout)
        return {name: each["value"] for name, each in read.items()}

    def destroy(self) -> None:
        self.terraform.run(self.example, "destroy", "-auto-approve", "-input=false", "-parallelism=20")
