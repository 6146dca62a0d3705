from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError

from deployments import sealed
from deployments.words import counted


class Command(BaseCommand):
    help = "Seal the secrets in the database with the newest of SEALING_KEYS, so that the others can be taken away."

    def handle(self, *args: Any, **options: Any) -> None:
        done, unreadable = sealed.reseal(apps.get_models())
        for where in unreadable:
            self.stderr.write(f"{where}: none of the keys opens it.")
        if unreadable:
            raise CommandError(
                f"{counted(done, 'secret')} sealed anew, {len(unreadable)} not. Put the key that they were sealed with "
                "behind the others in SEALING_KEYS and run this again, or give these secrets anew."
            )
        self.stdout.write(f"{counted(done, 'secret')} sealed with the newest key: the others are not needed any more.")
