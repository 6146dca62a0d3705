import getpass
from collections.abc import Callable
from typing import Any

from django.contrib.auth.management.commands import changepassword
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError

from deployments import clock
from deployments.catalog import accounts
from deployments.management import at_server

ATTEMPTS = 3


class Command(changepassword.Command):
    help = "Give an account a password. An event tells of it."
    _get_pass: Callable[..., str]  # Django's, which its types leave out

    def handle(self, *args: Any, **options: Any) -> str:
        username = options["username"] or getpass.getuser()
        person = User.objects.using(options["database"]).filter(username=username).first()
        if person is None:
            raise CommandError(f"user '{username}' does not exist")
        self.stdout.write(f"Changing password for user '{person}'")
        password = self._agreed(person)
        accounts.give_password(person=person, password=password, principal=at_server.principal(), now=clock.now())
        return f"Password changed successfully for user '{person}'"

    def _agreed(self, person: User) -> str:
        """Typed twice, and good. Raises CommandError."""
        for _ in range(ATTEMPTS):
            password, again = self._get_pass(), self._get_pass("Password (again): ")
            if password != again:
                self.stdout.write("Passwords do not match. Please try again.")
                continue
            try:
                validate_password(again, person)
            except ValidationError as error:
                self.stderr.write("\n".join(error.messages))
            else:
                return password
        raise CommandError(f"Aborting password change for user '{person}' after {ATTEMPTS} attempts")
