"""Where things are said: people read lines, programs one JSON object on standard output and nothing else there."""

import json
import os
import sys
from dataclasses import dataclass
from typing import Any

import click

from tealgate.texts import safe


@dataclass
class Out:
    as_json: bool = False
    _is_told: bool = False

    @property
    def is_terminal(self) -> bool:
        """Whether lines can be drawn over."""
        return not self.as_json and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"

    @property
    def colours(self) -> bool:
        return self.is_terminal and not os.environ.get("NO_COLOR")

    def say(self, *words: object, colour: str = "", bold: bool = False) -> None:
        """A line of what happens; texts of others are cleaned."""
        line = safe(" ".join(str(word) for word in words))
        styled = click.style(line, fg=colour or None, bold=bold or None) if self.colours else line
        click.echo(styled, err=self.as_json, color=self.colours)

    def raw(self, text: str) -> None:
        """Ours altogether, such as GitHub's workflow commands."""
        click.echo(text, err=self.as_json, color=self.colours)

    def note(self, sentence: str) -> None:
        """Beside the matter."""
        click.echo(safe(sentence), err=True)

    def result(self, value: Any) -> None:
        """For programs, once. ASCII, so that no text of others reaches a terminal as it is."""
        if self.as_json and not self._is_told:
            click.echo(json.dumps(value))
            self._is_told = True
