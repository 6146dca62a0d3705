"""Moving house on the command line. Exit codes: 0 done or waiting, 1 refused, 2 a wrong name."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from deployments import clock
from deployments.catalog.models import Environment
from deployments.catalog.models.retiring import IN_USE, IN_USE_FIRST
from deployments.delivery import moves
from deployments.delivery.models import Move
from deployments.moving.planning import MovePlan
from deployments.moving.values import Wanted
from deployments.people.principal import Principal
from deployments.refused import Refused
from deployments.vocabulary import Controller


class Command(BaseCommand):
    help = "Move an environment of CodeDeploy or of rolling updates to ECS's own traffic shift, a step at a time."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="application/environment")
        parser.add_argument("--to", default=Controller.ECS, choices=[Controller.ECS, Controller.SERVICE_PAIR])
        parser.add_argument("--other-target-group", default="", metavar="ARN", help="where releases are to start")
        parser.add_argument("--production-rule", default="", metavar="ARN", help="if it cannot be found")
        parser.add_argument("--test-rule", default="", metavar="ARN")
        parser.add_argument("--infrastructure-role", default="", metavar="ARN", help="by which ECS writes the rule")
        parser.add_argument("--as", dest="account", default="", metavar="NAME", help="whose rights are asked")
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--plan", action="store_true", help="only show what would change (the default)")
        what.add_argument("--step", action="store_true", help="begin, do the next step, or look again")
        what.add_argument("--back", action="store_true", help="undo, the last step first")

    def handle(self, *args: Any, **options: Any) -> None:
        environment = _environment(options["name"])
        wanted = Wanted(
            controller=options["to"],
            alternate_target_group=options["other_target_group"],
            production_rule=options["production_rule"],
            test_rule=options["test_rule"],
            infrastructure_role=options["infrastructure_role"],
        )
        try:
            if options["step"] or options["back"]:
                self.stdout.write(_go(environment, wanted, _principal(options["account"]), back=options["back"]))
                return
            plan = moves.planned(environment, wanted, clock.now())[1]
        except Refused as refused:
            raise CommandError(refused.sentence) from refused
        self._show(plan)
        if plan.obstacles:
            sys.exit(1)

    def _show(self, plan: MovePlan) -> None:
        for sentence in plan.obstacles:
            self.stdout.write(self.style.ERROR(sentence))
        for number, step in enumerate(plan.steps, start=1):
            self.stdout.write(f"\n{number}. {step.title}{' (cannot be undone on AWS)' if step.is_final else ''}")
            self.stdout.write(f"   {step.what}\n   Back: {step.way_back}")
        for change in plan.changes:
            self.stdout.write(f"\n{change.what}: {change.before} -> {change.after}")
        for sentence in plan.notes:
            self.stdout.write(f"\n{sentence}")
        for title, lines in (("Terraform", plan.terraform), ("CloudFormation, CDK", plan.cloud_formation)):
            if lines:
                self.stdout.write("\n".join([f"\n{title}", *(f"{sign or ' '} {text}" for sign, text in lines)]))


def _go(environment: Environment, wanted: Wanted, principal: Principal, *, back: bool) -> str:
    now, row = clock.now(), Move.objects.under_way(environment)
    if back:
        newest = Move.objects.newest(environment)
        if newest is None:
            raise Refused(f"No move of {environment} has begun.")
        return moves.go_back(move=newest, principal=principal, now=now)
    if row is None:
        moves.begin(environment=environment, wanted=wanted, principal=principal, now=now)
        return f"{environment} is locked, and nothing was changed yet. The same command again does the first step."
    return moves.go_on(move=row, principal=principal, now=now)


def _environment(name: str) -> Environment:
    application, _, alone = name.partition("/")
    named = Environment.objects.filter(application__slug=application, name=alone)
    found = named.order_by(IN_USE_FIRST).first()
    if found is None:
        there = Environment.objects.filter(IN_USE).select_related("application")
        known = ", ".join(str(each) for each in there) or "none yet"
        raise CommandError(f"There is no environment {name}; there are: {known}.", returncode=2)
    return found


def _principal(account: str) -> Principal:
    person = User.objects.filter(username=account, is_active=True).first()
    if person is None:
        raise CommandError("Say with --as whose account does this; its rights are asked, and the log names it.")
    return Principal.person(person)
