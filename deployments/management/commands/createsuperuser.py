from typing import Any

from django.contrib.auth.management.commands import createsuperuser
from django.contrib.auth.models import User, UserManager
from django.db import transaction

from deployments import clock
from deployments.catalog import accounts
from deployments.management import at_server


class Command(createsuperuser.Command):
    help = "Make an account that may do everything. An event tells of it."

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.UserModel = _Told()  # type: ignore[assignment]  # all of it that is asked for


class _Told:
    """What Django's command takes for the model. A transaction around the command would keep SQLite to itself while
    people type, so it begins where the account is made.
    """

    def __init__(self) -> None:
        self._default_manager = _Manager()
        self._default_manager.model = User

    def __getattr__(self, name: str) -> Any:
        return getattr(User, name)

    def __call__(self, **values: Any) -> User:
        return User(**values)


class _Manager(UserManager[User]):
    def create_superuser(self, *args: Any, **values: Any) -> User:
        with transaction.atomic(using=self.db):
            person = super().create_superuser(*args, **values)
            accounts.added(person=person, principal=at_server.principal(), now=clock.now())
        return person
