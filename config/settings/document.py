"""Prints docs/settings.md out of the lines that read the settings:

    python -m config.settings.document > docs/settings.md

What a setting is stands in `#:` comments right above the call that reads it. A default that is computed is told there
in words, behind `Default:`. The source is only parsed: no setting has to be set, and no program imports this module.
"""

import ast
import inspect
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.settings.reading import Reader

ROOT = Path(__file__).resolve().parent.parent.parent
#: What reads settings is called so, and these are its methods that do.
READER = "read"
KINDS = {
    "text": "text, {example}",
    "secret": "secret, {length}{example}",
    "named": "secret, {example}",
    "number": "whole number, {lowest} to {highest}",
    "yes_or_no": "`true` or `false`",
    "choice": "one of {choices}",
    "words": "list, separated by commas, {example}",
    "time_zone": "name of the IANA database, such as `Europe/Berlin`",
    "address": "scheme and host, such as `https://tealgate.example.com`",
    "database": "such as `postgres://user:password@host:5432/name`",
}

HEAD = """\
# Settings

From the environment, from `.secrets/production.env`, or, for each `NAME`, from the file that `NAME_FILE` names. An
empty value counts as not set. What is missing or malformed ends every program at once with a sentence for each.
[.secrets.example](../.secrets.example/production.env) says who issues each secret and how to get it.

This page is printed by `python -m config.settings.document` from the code that reads the settings. What an application
and its environments can be told, such as strategies, gates and alarms, is on their own pages in Tealgate.
"""
TAIL = """\
## Read by others

`DJANGO_SETTINGS_MODULE` chooses between the files of [config/settings](../config/settings): gunicorn takes
`config.settings.production` without it, `manage.py` takes `config.settings.dev`. Set it for
`manage.py worker`.

AWS credentials and regions are boto3's own business: give the machine or the task a role that may assume the role of
each environment. [infra/iam](../infra/iam/README.md) has the exact policies. `AWS_EC2_METADATA_DISABLED=true` keeps
boto3 from asking the instance, and Tealgate as well when it looks for
[the task's own addresses](self-hosting.md#health-checks-of-your-own-django-application).

The container in front has [settings of its own](self-hosting.md#nginxs-settings), and so has
[the demo](tour.md#with-other-ports).
"""


@dataclass(frozen=True)
class Section:
    title: str
    source: str


SECTIONS = (
    Section("Addresses and HTTPS", "config/settings/production.py"),
    Section("Database, secrets and logs", "config/settings/base.py"),
    Section("Secrets of others, and keys", "config/settings/keys.py"),
    Section("Mail", "config/settings/mail.py"),
    Section("Bots in Microsoft Teams", "config/settings/teams.py"),
    Section("Connections to PostgreSQL", "config/settings/connections.py"),
    Section("Queues and workers", "config/settings/queue.py"),
    Section("The web server", "config/gunicorn.conf.py"),
    Section("On a developer's machine, instead of the above", "config/settings/dev.py"),
)


class Undocumented(Exception):
    """The message says which setting, where, and what it lacks."""


@dataclass(frozen=True)
class Setting:
    name: str
    default: str
    kind: str
    #: "" where the same setting is explained elsewhere
    meaning: str

    def row(self) -> str:
        return f"| `{self.name}` | {self.default} | {self.kind} | {self.meaning} |"


def document(sources: Mapping[Section, str]) -> str:
    """The page, from each section's source. Raises Undocumented for a setting that nobody explains."""
    read = {section: list(settings(source, section.source)) for section, source in sources.items()}
    explained = {one.name for found in read.values() for one in found if one.meaning}
    for section, found in read.items():
        for one in found:
            if one.name not in explained:
                raise Undocumented(f"{section.source} reads {one.name}: say above that line, behind `#:`, what it is.")
    tables = [_table(section, [one for one in found if one.meaning]) for section, found in read.items()]
    return "\n".join([HEAD, *tables, TAIL])


def settings(source: str, where: str) -> Iterator[Setting]:
    """Those that one file reads, from top to bottom."""
    tree, lines = ast.parse(source), source.splitlines()
    constants = _constants(tree)
    for call in sorted(_reads(tree), key=lambda call: call.lineno):
        given = _given(call, constants)
        name = given["prefix"] + "_<NAME>" if "prefix" in given else given["name"]
        meaning, in_words, default = _comment(lines, call.lineno).partition("Default: ")
        default = default.strip() if in_words else _default(given)
        if meaning and not default:
            raise Undocumented(f"{where} computes the default of {name}: say it in words, behind `Default:`.")
        yield Setting(name, default, _kind(_method(call), given), meaning.strip().removesuffix("."))


def _table(section: Section, found: Iterable[Setting]) -> str:
    head = f"## {section.title}\n\n| name | default | kind | what it is |\n| --- | --- | --- | --- |"
    return "\n".join([head, *(one.row() for one in found), ""])


def _reads(tree: ast.Module) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _method(node) in KINDS:
            yield node


def _method(call: ast.Call) -> str:
    match call.func:
        case ast.Attribute(value=ast.Name(id=name), attr=method) if name == READER:
            return method
    return ""


def _given(call: ast.Call, constants: Mapping[str, object]) -> dict[str, Any]:
    """What the method is called with, by the names of its parameters; None for what only a run would know."""
    arguments = [_value(argument, constants) for argument in call.args]
    named = {keyword.arg: _value(keyword.value, constants) for keyword in call.keywords if keyword.arg}
    bound = inspect.signature(getattr(Reader, _method(call))).bind(None, *arguments, **named)
    given = dict(bound.arguments)
    bound.apply_defaults()
    return {**bound.arguments, "must": "default" not in given and "default" in bound.arguments}


def _constants(tree: ast.Module) -> dict[str, object]:
    found: dict[str, object] = {}
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                found[name] = _value(value, found)
    return found


def _value(node: ast.expr, constants: Mapping[str, object]) -> object:
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            return constants.get(name)
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            values = tuple(_value(element, constants) for element in elements)
            return None if None in values else values
        case ast.JoinedStr(values=parts):
            texts = [_value(part, constants) for part in parts]
            return None if None in texts else "".join(map(str, texts))
        case ast.FormattedValue(value=inner):
            return _value(inner, constants)
    return None


def _comment(lines: list[str], number: int) -> str:
    above: list[str] = []
    for line in reversed(lines[: number - 1]):
        if not line.strip().startswith("#:"):
            break
        above.insert(0, line.strip().removeprefix("#:").strip())
    return " ".join(above)


def _default(given: Mapping[str, Any]) -> str:
    """As it is shown; "" when only a run would know it."""
    if given["must"]:
        return "must be set"
    match given.get("default", ""):
        case None:
            return ""
        case "" | ():
            return "none"
        case tuple(words):
            return f"`{','.join(words)}`"
        case bool(value):
            return f"`{str(value).lower()}`"
        case value:
            return f"`{value}`"


def _kind(method: str, given: Mapping[str, Any]) -> str:
    shown = {
        "example": _example(given.get("example", "")),
        "length": f"{given['at_least']} characters or more, " if given.get("at_least") else "",
        "choices": ", ".join(f"`{choice}`" for choice in given.get("choices", ())),
    }
    return KINDS[method].format(**{**given, **shown})


def _example(example: str) -> str:
    command = example.removeprefix("the output of: ")
    return f"such as `{example}`" if command == example else f"such as from `{command}`"


def main() -> None:
    try:
        print(document({section: (ROOT / section.source).read_text() for section in SECTIONS}), end="")
    except Undocumented as reason:
        sys.exit(str(reason))


if __name__ == "__main__":
    main()
