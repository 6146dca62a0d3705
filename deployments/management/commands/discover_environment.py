"""Read an environment from AWS.

manage.py discover_environment shop/production --region … --cluster … --service …
manage.py discover_environment shop/production --region … --codedeploy-application … --codedeploy-group …
"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from deployments import clock
from deployments.catalog import discovery, environments, holding, in_use
from deployments.catalog.models import Application
from deployments.catalog.models.retiring import IN_USE, IN_USE_FIRST
from deployments.management import at_server
from deployments.refused import Refused
from deployments.words import counted


class Command(BaseCommand):
    help = "Read an environment from AWS, show what was found with a preflight, and keep it with --save."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="application/environment, such as shop/production")
        parser.add_argument("--region", required=True)
        parser.add_argument("--cluster", default="", help="with --service: an ECS service")
        parser.add_argument("--service", default="")
        parser.add_argument("--codedeploy-application", default="", help="instead of a service; then its group, too")
        parser.add_argument("--codedeploy-group", default="", help="may be left out when there is only one")
        parser.add_argument("--role-arn", default="")
        parser.add_argument("--external-id", default="")
        parser.add_argument("--no-gate", default="", metavar="REASON", help="with --save: why nobody has to approve")
        parser.add_argument("--save", action="store_true", help="keep it; without this nothing is written")

    def handle(self, *args: Any, **options: Any) -> None:
        slug, _, name = options["name"].partition("/")
        application = Application.objects.filter(slug=slug).order_by(IN_USE_FIRST).first()
        if application is None or not name:
            known = ", ".join(Application.objects.filter(IN_USE).values_list("slug", flat=True)) or "none yet"
            raise CommandError(f"Name it application/environment. There is no application {slug}; there are: {known}.")
        try:
            in_use.require(application)
            proposal = discovery.discover(
                region=options["region"],
                role_arn=options["role_arn"],
                external_id=options["external_id"],
                cluster=options["cluster"],
                service=options["service"],
                codedeploy_application=options["codedeploy_application"],
                codedeploy_group=options["codedeploy_group"],
                now=clock.now(),
            )
            environment = discovery.environment_from(proposal, application=application, name=name)
        except Refused as refused:
            raise CommandError(refused.sentence) from refused
        doubts = (*proposal.doubts, *(each.sentence for each in holding.conflicts(environment)))
        gates = () if options["no_gate"] else proposal.gate_sentences
        for sentence in (*proposal.seen, *gates, *proposal.check_sentences, *doubts):
            self.stdout.write(sentence)
        for column, value in proposal.columns.items():
            self.stdout.write(f"  {column}: {value}")
        if not options["save"]:
            self.stdout.write("Nothing was written; add --save to keep it.")
            return
        try:
            discovery.keep(
                environment,
                proposal,
                principal=at_server.principal(),
                no_gate_because=options["no_gate"],
                now=clock.now(),
            )
        except Refused as refused:
            raise CommandError(refused.sentence) from refused
        report = environments.check(environment, now=clock.now())
        self.stdout.write(f"{environment} was added; preflight found {counted(len(report.errors), 'error')}.")
        for result in report.errors:
            self.stdout.write(f"  {result.seen} {result.fix}")
