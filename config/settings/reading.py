"""Reads settings from the environment and says every problem in one clear sentence.

Each value comes from NAME, or from the file whose path is in NAME_FILE (what Docker and Kubernetes call
secrets). An empty value counts as not set. Problems are collected, so that one start shows all of them;
`finish()` prints them without a traceback and ends the process. Values of secrets are never printed.
"""

import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit
from zoneinfo import available_timezones

import environ

#: sysexits.h: something was found in an unconfigured or misconfigured state.
EX_CONFIG = 78


@dataclass(frozen=True)
class Problem:
    name: str
    wrong: str
    fix: str
    example: str

    def __str__(self) -> str:
        return f"{self.name} {self.wrong}. {self.fix} Example: {self.example}"


_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)*")


def _plain(parts: SplitResult) -> str:
    """Without what no address of a site has."""
    path = parts.path if _PATH.fullmatch(parts.path) else ""
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{path}"


class Reader:
    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        self.problems: list[Problem] = []
        #: names of the settings that were read, set or not
        self.asked_for: set[str] = set()
        #: every secret that was read, so that logs can blot them out
        self.secrets: set[str] = set()

    @classmethod
    def from_environment(cls, env_file: Path | None = None) -> "Reader":
        """The environment wins over the file; a missing file is fine."""
        if env_file is not None and env_file.is_file():
            environ.Env.read_env(env_file)
        return cls(os.environ)

    def finish(self) -> None:
        if not self.problems:
            return
        count = len(self.problems)
        print(
            f"Tealgate cannot start: {count} setting{'s need' if count > 1 else ' needs'} attention.",
            file=sys.stderr,
        )
        for problem in self.problems:
            print(f"  - {problem}", file=sys.stderr)
        raise SystemExit(EX_CONFIG)

    def text(self, name: str, default: str | None = None, *, example: str, fix: str = "") -> str:
        """`default` None makes it a must."""
        value = self._raw(name, example)
        if value is not None:
            return value
        if default is None:
            self._missing(name, fix, example)
            return ""
        return default

    def secret(self, name: str, default: str | None = None, *, example: str, fix: str = "", at_least: int = 0) -> str:
        value = self.text(name, default, example=example, fix=fix)
        if value and value != default:
            self.secrets.add(value)
            if len(value) < at_least:
                self._wrong(name, f"is too short ({len(value)} characters)", fix, example)
        return value

    def number(self, name: str, default: int, *, lowest: int = 0, highest: int = 2**31) -> int:
        fix = f"Set it to a whole number from {lowest} to {highest}."
        with self._guarded(name, fix, str(default)):
            value = int(self._raw(name, str(default)) or default)
            if lowest <= value <= highest:
                return value
            self._wrong(name, f"is {value}", fix, str(default))
        return default

    def yes_or_no(self, name: str, default: bool) -> bool:
        words = {
            "true": True,
            "yes": True,
            "on": True,
            "1": True,
            "false": False,
            "no": False,
            "off": False,
            "0": False,
        }
        value = self._raw(name, "true")
        if value is None:
            return default
        if value.lower() not in words:
            self._wrong(name, "is neither true nor false", "Set it to true or false.", "true")
        return words.get(value.lower(), default)

    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        value = self._raw(name, choices[0])
        if value is None or value in choices:
            return value or default
        self._wrong(name, f"is {value!r}", f"Set it to one of: {', '.join(choices)}.", choices[0])
        return default

    def words(self, name: str, default: list[str] | None = None, *, example: str, fix: str = "") -> list[str]:
        """A list, separated by commas. `default` None makes it a must."""
        value = self._raw(name, example)
        if value is not None:
            return [word.strip() for word in value.split(",") if word.strip()]
        if default is None:
            self._missing(name, fix, example)
        return default or []

    def time_zone(self, name: str, default: str) -> str:
        value = self.text(name, default, example="Europe/Berlin")
        if value not in available_timezones():
            self._wrong(
                name,
                f"is {value!r}, which is no time zone",
                "Use a name of the IANA database.",
                "Europe/Berlin",
            )
            return default
        return value

    def address(self, name: str, default: str) -> str:
        """The address of a site, with the path below which it is, if there is one; without a slash at the end."""
        value = self.text(name, default, example="https://tealgate.example.com").rstrip("/")
        fix = "Set it to a scheme and a host, and a port or a path if there is one."
        with self._guarded(name, fix, "https://tealgate.example.com"):
            parts = urlsplit(value)
            _ = parts.port  # raises ValueError when it is no number
            if parts.scheme in ("http", "https") and parts.hostname and value == _plain(parts):
                return value
            self._wrong(name, "is no address of a site", fix, "https://tealgate.example.com")
        return default

    def database(self, name: str, default: str) -> dict[str, Any]:
        example = "postgres://tealgate:password@db.example.com:5432/tealgate"
        fix = "Set it to a postgres:// or sqlite:/// address."
        value = self.text(name, default, example=example)
        with self._guarded(name, fix, example):
            scheme, _, rest = value.partition("://")
            known = scheme in ("postgres", "postgresql", "sqlite") and rest
            config: dict[str, Any] = environ.Env.db_url_config(value) if known else {}
            if config.get("NAME"):
                if config.get("PASSWORD"):
                    self.secrets.add(config["PASSWORD"])
                return config
            self._wrong(name, "is no database address that Tealgate knows", fix, example)
        return environ.Env.db_url_config(default)  # type: ignore[no-any-return]

    def file_of(self, name: str) -> str:
        """The path in NAME_FILE; "" where the value is in the environment, or there is none."""
        return self._variables.get(f"{name}_FILE", "")

    def named(self, prefix: str, parse: Callable[[str], str], *, fix: str, example: str) -> dict[str, str]:
        """All secrets PREFIX_<NAME>, or PREFIX_<NAME>_FILE, by NAME.

        `parse` raises ValueError with what is wrong, without the value.
        """
        found = {}
        for variable in sorted(self._variables):
            if not variable.startswith(f"{prefix}_"):
                continue
            name = variable.removesuffix("_FILE")
            if name in self._variables and name != variable:
                self._wrong(name, f"is set, and so is {variable}", "Set only one of them.", example)
                continue
            value = self.secret(name, "", example=example)
            try:
                found[name.removeprefix(f"{prefix}_")] = parse(value)
            except ValueError as error:
                self._wrong(name, str(error), fix, example)
        return found

    def complain(self, name: str, wrong: str, fix: str, example: str) -> None:
        self._wrong(name, wrong, fix, example)

    @property
    def names(self) -> frozenset[str]:
        """Of all variables, ours and others, that have a value."""
        return frozenset(name for name, value in self._variables.items() if value)

    def _raw(self, name: str, example: str) -> str | None:
        self.asked_for.add(name)
        value, path = self._variables.get(name), self._variables.get(f"{name}_FILE")
        if not path:
            return value or None
        if value:
            self._wrong(name, f"is set, and so is {name}_FILE", "Set only one of them.", example)
            return value
        try:
            return Path(path).read_text(encoding="utf-8").strip() or None
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            self._wrong(
                f"{name}_FILE", f"names {path}, which cannot be read ({why})",
                "Let it name a file that this process may read.", f"/run/secrets/{name.lower()}",
            )  # fmt: skip
            return None

    @contextmanager
    def _guarded(self, name: str, fix: str, example: str) -> Iterator[None]:
        """What a parser says of a value may quote it, so only the kind of failure is told."""
        try:
            yield
        except (ValueError, KeyError, TypeError, IndexError):
            self._wrong(name, "cannot be understood", fix, example)

    def _missing(self, name: str, fix: str, example: str) -> None:
        if not any(problem.name.removesuffix("_FILE") == name for problem in self.problems):
            self._wrong(name, "is not set", fix or f"Set it, or {name}_FILE.", example)

    def _wrong(self, name: str, wrong: str, fix: str, example: str) -> None:
        self.problems.append(Problem(name, wrong, fix, example))
