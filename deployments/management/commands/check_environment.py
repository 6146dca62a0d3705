"""Preflight on the command line. Exit codes: 0 nothing stands in the way, 1 an error, 2 a wrong name."""

import json
import sys
import textwrap
from argparse import ArgumentParser
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand

from deployments import clock, preflight
from deployments.aws.errors import AwsError
from deployments.catalog import environments
from deployments.catalog.freezing import freeze
from deployments.catalog.models import Environment, Release
from deployments.catalog.models.retiring import IN_USE
from deployments.preflight import beginning
from deployments.preflight.report import Level, Report, Result

WIDTH = 100


class Unnamed(Exception):
    """The message says which names there are."""


class Command(BaseCommand):
    help = "Look for everything that would make a deployment to an environment fail. Only reads."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="application/environment, or the environment alone when only one is called so")
        parser.add_argument("--release", metavar="VERSION", help="also check the images of this release")
        parser.add_argument("--json", action="store_true", help="print the results as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            environment = _environment(options["name"])
            release = _release(environment, options["release"]) if options["release"] else None
        except Unnamed as reason:
            self.stderr.write(str(reason))
            sys.exit(2)
        report = _check(environment, release)
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json(), indent=2))
        else:
            self._print(f"{environment}{f' with {release.version}' if release else ''}", report)
        if not report.passed:
            sys.exit(1)

    def _print(self, title: str, report: Report) -> None:
        self.stdout.write(f"{title}\n\n")
        for result in report.results:
            self.stdout.write(self._lines(result))
        if offer := beginning.offer(report):
            self.stdout.write("\n".join(["", *_wrapped(offer)]))
        self.stdout.write(f"\n{_summary(report)}")

    def _lines(self, result: Result) -> str:
        styles = {
            Level.OK: self.style.SUCCESS,
            Level.WARNING: self.style.WARNING,
            Level.ERROR: self.style.ERROR,
        }
        level = styles.get(result.level, self.style.NOTICE)(f"{result.level:8}")
        lines = _wrapped(f"{result.check}: {result.seen}")
        if result.fix:
            lines += _wrapped(f"→ {result.fix}")
        return "\n".join([f"{level} {lines[0]}", *(f"{'':9}{line}" for line in lines[1:])])


def _check(environment: Environment, release: Release | None) -> Report:
    try:
        return environments.check(environment, release, now=clock.now())
    except AwsError as problem:  # there are no credentials to connect with
        return preflight.unreachable(freeze(environment), release.artefact if release else None, problem)


def _environment(name: str) -> Environment:
    application, slash, alone = name.rpartition("/")
    named = Environment.objects.filter(name=alone, **({"application__slug": application} if slash else {}))
    found = list(named.filter(IN_USE).select_related("application"))
    if len(found) == 1:
        return found[0]
    if found:
        raise Unnamed(f"{name} is the name of several environments: {_listed(found)}. Say which.")
    if retired := named.order_by("-retired_at").first():
        raise Unnamed(retired.retired_refusal)
    in_use = Environment.objects.filter(IN_USE).select_related("application")
    raise Unnamed(f"There is no environment {name}. {_there_are(in_use, 'environment')}")


def _release(environment: Environment, version: str) -> Release:
    releases = Release.objects.filter(application=environment.application)
    try:
        return releases.get(version=version)
    except Release.DoesNotExist:
        newest = [release.version for release in releases[:10]]
        raise Unnamed(f"{environment.application} has no release {version}. {_there_are(newest, 'release')}") from None


def _there_are(things: Iterable[object], noun: str) -> str:
    names = _listed(things)
    return f"The {noun}s are: {names}." if names else f"There is no {noun} yet."


def _listed(things: Iterable[object]) -> str:
    return ", ".join(str(thing) for thing in things)


def _wrapped(text: str) -> list[str]:
    # ARNs are copied from here, so they are never broken.
    return textwrap.wrap(text, WIDTH - 9, break_long_words=False, break_on_hyphens=False)


def _summary(report: Report) -> str:
    counts = {level: len(report.of(level)) for level in (Level.ERROR, Level.WARNING, Level.UNKNOWN)}
    names = {Level.ERROR: "error", Level.WARNING: "warning", Level.UNKNOWN: "not known"}
    parts = [
        f"{count} {names[level]}{'s' if count > 1 and level is not Level.UNKNOWN else ''}"
        for level, count in counts.items()
        if count
    ]
    return f"{len(report.of(Level.OK))} ok{''.join(f', {part}' for part in parts)}."
