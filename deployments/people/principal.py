"""Who acts: a person, signed in or at the server, a token such as a pipeline's, or Tealgate itself."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User

from deployments.vocabulary import ActorKind


@dataclass(frozen=True)
class Principal:
    """Made anew at the door for each request or command: rights and groups are read once."""

    kind: ActorKind
    #: as the log says it
    name: str
    #: whose rights are asked; None for a token, the system, and who is not signed in, at the server for instance
    user: User | None = None

    def __post_init__(self) -> None:
        if self.user and (self.kind is not ActorKind.PERSON or self.user.get_username() != self.name):
            raise ValueError(f"{self.name} ({self.kind}) cannot act with the rights of {self.user}.")

    @classmethod
    def person(cls, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Somebody who is not signed in is a person without a name or any right."""
        return cls(ActorKind.PERSON, user.get_username(), user if isinstance(user, User) else None)

    @classmethod
    def token(cls, name: str) -> Self:
        return cls(ActorKind.TOKEN, name)

    @classmethod
    def at_server(cls, name: str) -> Self:
        """Whoever runs a command there. No account can be called so: names have no blanks."""
        return cls(ActorKind.PERSON, f"{name} on the server")

    def __str__(self) -> str:
        return self.name

    @property
    def is_person(self) -> bool:
        return self.kind is ActorKind.PERSON

    def may(self, right: str) -> bool:
        """Whether Django's permission, such as deployments.decide_gate, was given to them; only people have any."""
        return self.user is not None and self.user.has_perm(right)

    def belongs_to(self, groups: Collection[str]) -> bool:
        """Whether they are in one of these groups."""
        return not self.groups.isdisjoint(groups)

    @cached_property
    def groups(self) -> frozenset[str]:
        return frozenset(self.user.groups.values_list("name", flat=True)) if self.user else frozenset()


SYSTEM = Principal(ActorKind.SYSTEM, "tealgate")
