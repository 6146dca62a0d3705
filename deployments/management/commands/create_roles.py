from typing import Any

from django.core.management.base import BaseCommand

from deployments.people.roles import ensure_roles
from deployments.words import counted


class Command(BaseCommand):
    help = "Make the groups Viewers, Release managers, Approvers and Administrators, or complete their rights."

    def handle(self, *args: Any, **options: Any) -> None:
        for name, added in ensure_roles().items():
            self.stdout.write(f"{name}: {counted(added, 'right')} added" if added else f"{name}: complete")
