"""Options and arguments that several commands have."""

import re
from collections.abc import Callable
from typing import Any, TypeVar

import click

from tealgate.session import Session
from tealgate.verdict import Until

Command = TypeVar("Command", bound=Callable[..., Any])
_DURATION = re.compile(r"(\d{1,6})([smh]?)")
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600}


def _as_json(context: click.Context, _: click.Parameter, value: bool) -> None:
    context.ensure_object(Session).out.as_json |= value


def _url(context: click.Context, _: click.Parameter, value: str | None) -> None:
    if value:
        context.ensure_object(Session).given_url = value


def everywhere(command: Command) -> Command:
    """--json and --url."""
    command = click.option(
        "--json", is_flag=True, expose_value=False, callback=_as_json,
        help="One JSON object on standard output, and nothing else there.",
    )(command)  # fmt: skip
    return click.option(
        "--url", expose_value=False, callback=_url, metavar="URL", help="Which Tealgate; else TEALGATE_URL."
    )(command)


class Place(click.ParamType[tuple[str, str]]):
    """APP/ENV, as (application, environment)."""

    name = "APP/ENV"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        if isinstance(value, tuple):
            return value
        application, slash, environment = str(value).partition("/")
        if not (application and slash and environment) or "/" in environment:
            self.fail(f"{value} is not {self.name}, such as storefront/staging.", param, ctx)
        return application, environment


class Target(Place):
    """The number of a deployment as it is, or APP/ENV."""

    name = "APP/ENV|DEPLOYMENT"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        text = str(value)
        return int(text) if text.isascii() and text.isdigit() else super().convert(value, param, ctx)


class Duration(click.ParamType[float]):
    """Seconds, from 90s, 30m or 2h."""

    name = "DURATION"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        found = _DURATION.fullmatch(str(value).strip())
        if not found:
            self.fail(f"{value} is no duration; write 90s, 30m or 2h.", param, ctx)
        return float(int(found[1]) * _SECONDS[found[2]])


class Pair(click.ParamType[tuple[str, str]]):
    """NAME=VALUE, as (name, value)."""

    name = "NAME=VALUE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        if isinstance(value, tuple):
            return value
        name, equals, content = str(value).partition("=")
        if not (name and equals and content):
            self.fail(f"{value} is not NAME=VALUE, such as web=REPOSITORY@sha256:…", param, ctx)
        return name, content


def how_far(command: Command) -> Command:
    """--until and --timeout."""
    command = click.option(
        "--until", type=click.Choice([each.value for each in Until]), default=Until.LIVE.value, show_default=True,
        help="gate: people are asked. live: all production is on it, watched to the end. finished: it ended.",
    )(command)  # fmt: skip
    return click.option(
        "--timeout", type=Duration(), default="30m", show_default=True,
        help="How long to wait. The deployment goes on without.",
    )(command)  # fmt: skip
