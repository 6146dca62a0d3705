"""For a CI pipeline: registers a release once its images are pushed."""

from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from deployments import clock
from deployments.catalog import bundles, in_use
from deployments.catalog.models import Application
from deployments.catalog.models.retiring import IN_USE, IN_USE_FIRST
from deployments.catalog.releases import register_release
from deployments.management import pipeline_options
from deployments.people.principal import Principal
from deployments.refused import Refused


class Command(BaseCommand):
    help = "Register a release. Tags are resolved to digests now; a release never changes afterwards."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("application", help="the application's slug")
        parser.add_argument("version")
        parser.add_argument(
            "--image", action="append", default=[], type=_image, metavar="CONTAINER=REFERENCE", dest="images",
            help="what a container runs, such as web=ghcr.io/shop/web:1.4.2; once for each container",
        )  # fmt: skip
        parser.add_argument(
            "--bundle", metavar="ADDRESS",
            help="for servers, instead of images: s3://bucket/key.zip (?versionId=…) or account/name@commit on GitHub",
        )  # fmt: skip
        pipeline_options.add(parser)
        parser.add_argument("--git-sha", default="", help="the commit it was built from")
        parser.add_argument("--notes", default="", help="what is new, for the people who approve it")
        parser.add_argument("--by", default="register_release", help="who or what registers it (default: %(default)s)")

    def handle(self, *args: Any, **options: Any) -> None:
        application = Application.objects.filter(slug=options["application"]).order_by(IN_USE_FIRST).first()
        if application is None:
            known = ", ".join(Application.objects.filter(IN_USE).values_list("slug", flat=True)) or "none yet"
            raise CommandError(f"There is no application {options['application']}; there are: {known}.")
        try:
            in_use.require(application)
            files = pipeline_options.gathered(application, options)
            release = register_release(
                application=application,
                version=options["version"],
                images=files.images,
                task_definition=files.task_definition,
                bundle=bundles.parse(options["bundle"]) if options["bundle"] else None,
                principal=Principal.token(options["by"]),
                now=clock.now(),
                git_sha=options["git_sha"],
                notes=options["notes"],
            )
        except Refused as refused:
            raise CommandError(refused.sentence) from refused
        self.stdout.write(f"Registered {release}")
        if release.bundle:
            self.stdout.write(f"  {release.bundle_address}")
        for container, image in release.pinned.items():
            self.stdout.write(f"  {container} {image}")
        if release.task_definition:
            self.stdout.write(f"  task definition of {release.task_definition['file']}")
        for sentence in files.unused:
            self.stdout.write(sentence)


def _image(text: str) -> tuple[str, str]:
    container, equals, reference = text.partition("=")
    if not (container and equals and reference):
        raise ArgumentTypeError(f"{text!r} is not CONTAINER=REFERENCE")
    return container, reference
