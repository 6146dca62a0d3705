"""docs/settings.md is what the code says of the settings that it reads."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from config.settings.document import Section, Undocumented, document, settings

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = ROOT / "docs" / "settings.md"
#: Django's own, and those of ECS and of AWS's clients; the page tells of what people may want to set of them.
OTHERS = {
    "DJANGO_SETTINGS_MODULE",
    "ECS_CONTAINER_METADATA_URI_V4",
    "AWS_EXECUTION_ENV",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT",
}


def on_the_page() -> set[str]:
    return set(re.findall(r"^\| `([A-Z_]+(?:<NAME>)?)` \|", PAGE.read_text(), re.MULTILINE))


def read_anywhere() -> set[str]:
    """By text, not as the page's maker finds them: whatever is asked of a reader or of the environment itself."""
    source = "\n".join(path.read_text() for top in ("config", "deployments") for path in (ROOT / top).rglob("*.py"))
    asked = re.findall(r'read\.(\w+)\(\s*"([A-Z_]+)"', source)
    direct = re.findall(r'environ(?:\.get\(|\[)\s*"([A-Z][A-Z0-9_]+)"', source)
    return {f"{name}_<NAME>" if method == "named" else name for method, name in asked} | set(direct)


def shown(source: str) -> list[tuple[str, str, str, str]]:
    return [(one.name, one.default, one.kind, one.meaning) for one in settings(source, "some.py")]


def test_the_page_is_what_the_command_prints_without_any_setting() -> None:
    bare = {"PATH": os.environ["PATH"], "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "config.settings.document"]
    ran = subprocess.run(command, cwd=ROOT, env=bare, capture_output=True, text=True, check=True)

    assert ran.stdout == PAGE.read_text(), "run: python -m config.settings.document > docs/settings.md"


def test_the_page_has_every_setting_and_no_other() -> None:
    assert on_the_page() == read_anywhere() - OTHERS


def test_the_secrets_to_fill_in_are_settings() -> None:
    example = (ROOT / ".secrets.example" / "production.env").read_text()
    named = set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE))
    known = {name.partition("<")[0] for name in read_anywhere()}

    assert named
    assert [name for name in named if not any(name == one or name.startswith(one) for one in known)] == []


def test_a_running_application_does_without_the_page_s_maker() -> None:
    look = "import django, sys; django.setup(); sys.exit('config.settings.document' in sys.modules)"
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings.dev"}

    assert subprocess.run([sys.executable, "-c", look], cwd=ROOT, env=environment).returncode == 0


def test_a_setting_is_told_with_its_limits_and_its_default() -> None:
    source = """
_EXAMPLE = "10.0.0.1"
#: How many
#: of them.
MANY = read.number("MANY", 4, lowest=2, highest=64)
MADE = {
    #: One of two.
    "form": read.choice("FORM", "json", ("json", "text")),
}
#: Known to few.
KEY = read.secret("KEY", at_least=50, example="the output of: openssl rand -hex 32")
#: Where from.
FROM = read.words("FROM", [], example=f"{_EXAMPLE}:80")
#: For others.
THEIRS = read.named("THEIRS", parse, fix="Set it.", example="x")
"""

    assert shown(source) == [
        ("MANY", "`4`", "whole number, 2 to 64", "How many of them"),
        ("FORM", "`json`", "one of `json`, `text`", "One of two"),
        ("KEY", "must be set", "secret, 50 characters or more, such as from `openssl rand -hex 32`", "Known to few"),
        ("FROM", "none", "list, separated by commas, such as `10.0.0.1:80`", "Where from"),
        ("THEIRS_<NAME>", "none", "secret, such as `x`", "For others"),
    ]


def test_a_default_that_is_computed_is_told_in_words() -> None:
    source = '#: Where. Default: the first host\nSITE = read.address("SITE", f"https://{hosts[0]}")\n'

    assert [(name, default) for name, default, _, _ in shown(source)] == [("SITE", "the first host")]


def test_a_default_that_is_computed_and_not_told_is_refused() -> None:
    with pytest.raises(Undocumented, match="some.py computes the default of SITE"):
        shown('#: Where.\nSITE = read.address("SITE", f"https://{hosts[0]}")\n')


def test_a_setting_that_nobody_explains_is_refused_by_its_name() -> None:
    with pytest.raises(Undocumented, match="some.py reads MANY: say above that line"):
        document({Section("Some", "some.py"): 'MANY = read.number("MANY", 4)\n'})


def test_a_setting_that_is_read_twice_is_explained_once() -> None:
    explained, again = '#: Where.\nSITE = read.address("SITE", "http://a")\n', 'SITE = read.address("SITE", other())\n'

    page = document({Section("One", "one.py"): explained, Section("Two", "two.py"): again})

    assert page.count("| `SITE` |") == 1
