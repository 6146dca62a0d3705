from typing import Any

from django.core.management.base import BaseCommand

from deployments import clock
from deployments.catalog import accounts
from deployments.management import at_server
from deployments.words import counted


class Command(BaseCommand):
    help = "Make the groups Viewers, Release managers, Approvers and Administrators, or complete their rights."

    def handle(self, *args: Any, **options: Any) -> None:
        roles = accounts.complete_roles(principal=at_server.principal(), now=clock.now())
        for name, added in roles.items():
            self.stdout.write(f"{name}: {counted(added, 'right')} added" if added else f"{name}: complete")
