"""No expression of ours takes more than a few passes over what others send.

Each is given texts of 50 000 characters, in the way in which the code uses it. One that reads a text again from each
of its places would take minutes over them, one that tries every way to divide them would never be done: the time-out
tells.
"""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from django.apps import apps
from django.core.validators import RegexValidator

import config
import deployments

LENGTH = 50_000
METHODS = {"match", "fullmatch", "search", "findall", "finditer", "sub", "split"}
UNITS = (
    "a", "A", "0", " ", "-", "_", ".", "/", ":", ",", '"', "\\", "`", "=", "?", "@",
    "a ", "a.", "a-", "a_", "a/", "a:", "a,", "aA", "a=", 'a="', 'a="\\', "a=,", "0:", "00:00 ", "`a", "arn:aws",
    ".a-_", "arn:aws:a:a:0:.", "sha256:", "s3://a/", "token",
)  # fmt: skip
STARTS = ("", "s3://a/", "https://github.com/a/", "arn:aws:a:a:0:", "sha256:", '"')


def patterns() -> Iterator[tuple[str, re.Pattern[str], str]]:
    """(where, pattern, how it is used): those of modules, and those of the models' validators."""
    for package in (deployments, config):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations." not in found.name and ".settings" not in found.name and "gunicorn" not in found.name:
                yield from _of_module(importlib.import_module(found.name))
    for model in apps.get_app_config("deployments").get_models():
        for field in model._meta.get_fields():
            for validator in getattr(field, "validators", ()):
                if isinstance(validator, RegexValidator):
                    assert isinstance(validator.regex, re.Pattern)
                    yield f"{model.__name__}.{field.name}", validator.regex, "search"


def _of_module(module: ModuleType) -> Iterator[tuple[str, re.Pattern[str], str]]:
    own = {name: value for name, value in vars(module).items() if isinstance(value, re.Pattern)}
    if not own or module.__file__ is None:
        return
    for node in ast.walk(ast.parse(Path(module.__file__).read_text())):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in own:
            assert node.attr in METHODS, f"{module.__name__} uses {node.value.id} by .{node.attr}"
            yield f"{module.__name__}.{node.value.id}", own[node.value.id], node.attr


ALL = {f"{where} by {method}": (pattern, method) for where, pattern, method in patterns()}


def test_the_expressions_are_found() -> None:
    assert "deployments.outbound.challenge._PARAMETER by match" in ALL
    assert "deployments.outbound.images._PATH by fullmatch" in ALL
    assert "Release.version by search" in ALL


@pytest.mark.timeout(60)
@pytest.mark.parametrize("where", sorted(ALL))
def test_a_long_text_is_read_in_a_few_passes(where: str) -> None:
    pattern, method = ALL[where]
    for start in STARTS:
        for unit in UNITS:
            _use(pattern, method, start + unit * (LENGTH // len(unit)) + "\0")


def _use(pattern: re.Pattern[str], method: str, text: str) -> None:
    if method == "sub":
        pattern.sub("", text)
    elif method == "finditer":
        list(pattern.finditer(text))
    else:
        getattr(pattern, method)(text)
