"""What GitHub Actions shows besides lines: groups, annotations, a summary of the step, and its outputs.

Texts of others are escaped for each of them: https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

import os
from collections.abc import Mapping
from typing import Any

import click

from tealgate.texts import clean

_STATES = {"done": "✅", "failed": "❌", "stopped": "⏹️", "waiting": "⏳", "running": "▶️"}

#: What Markdown would take for HTML, or for somebody to be told.
_ENTITIES = {"&": "&amp;", "<": "&lt;", "@": "&#64;"}


def group(title: str) -> str:
    return f"::group::{_data(title)}"


END_OF_GROUP = "::endgroup::"


def annotation(level: str, title: str, message: str) -> str:
    """`level`: notice, warning or error."""
    return f"::{level} title={_property(title)}::{_data(message)}"


def output(**values: object) -> None:
    """For later steps."""
    _append("GITHUB_OUTPUT", "".join(f"{name}={clean(value)}\n" for name, value in values.items()))


def summary(deployment: Mapping[str, Any], sentence: str, url: str) -> None:
    """The stages, on the page of the run."""
    table = "\n".join(map(_row, (*deployment["stages"], *deployment["way_back"])))
    _append(
        "GITHUB_STEP_SUMMARY",
        f"### {_markdown(sentence)}\n\n[Deployment {deployment['id']}]({url}), asked for by "
        f"{_markdown(deployment['requested_by'])}: {_markdown(deployment['reason'])}\n\n"
        f"| | stage | what was seen |\n| --- | --- | --- |\n{table}\n\n",
    )


def _row(stage: Mapping[str, Any]) -> str:
    about = stage["detail"] or stage["summary"]
    return f"| {_STATES.get(stage['state'], '')} | {_markdown(stage['title'])} | {_markdown(about)} |"


def _append(variable: str, text: str) -> None:
    """A deployment that went well stays so where nothing can be written."""
    if not (place := os.environ.get(variable)):
        return
    try:
        with open(place, "a", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        click.echo(f"{variable} cannot be written: {error}", err=True)


def _data(text: object) -> str:
    return clean(text).replace("%", "%25")


def _property(text: object) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _markdown(text: object) -> str:
    """As it is, in one cell of a table."""
    return "".join(map(_plain, clean(text)))


def _plain(letter: str) -> str:
    return _ENTITIES.get(letter) or (f"\\{letter}" if letter in r"\`*_[]|#!" else letter)
