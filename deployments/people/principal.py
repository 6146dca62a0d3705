"""Who acts: a person, signed in, at a terminal or at the server, a token such as a pipeline's, or Tealgate itself."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User

from deployments.people import permissions
from deployments.vocabulary import ActorKind


@dataclass(frozen=True)
class Principal:
    """Made anew at the door for each request or command: rights and groups are read once."""

    kind: ActorKind
    #: as the log says it
    name: str
    #: whose rights are asked; None for a token, the system, and who is not signed in, at the server for instance
    user: User | None = None
    #: of a token that somebody made, or what Tealgate does because somebody said so: who answers for it; it can do
    #: nothing that they cannot
    owner: User | None = None
    #: of such a token: the only rights of its owner that it has
    rights: frozenset[str] = frozenset()
    #: of such a token: keys of the only environments that it is for; None for all
    environments: frozenset[int] | None = None
    #: of such a token: whether an agent asks by it, on its owner's behalf
    is_agent: bool = False
    #: of a person who is not on a page: the token by which they ask through the API
    through: str = ""
    #: of a person who answers in a chat: where and by which account there, such as "Slack as U2CERLKJA (Acme)" or
    #: "by a button in Microsoft Teams as 1234567d-1234 (Contoso)"
    chat: str = ""
    #: of a CI's job: keys of the only applications that it registers releases of; None for those with its environments
    applications: frozenset[int] | None = None
    #: of a CI's job: which run it is, such as "run 123", and its page there; "" where that is not known
    run: str = ""
    run_url: str = ""

    def __post_init__(self) -> None:
        if self.user and (self.kind is not ActorKind.PERSON or self.user.get_username() != self.name):
            raise ValueError(f"{self.name} ({self.kind}) cannot act with the rights of {self.user}.")
        if self.owner and self.kind is ActorKind.PERSON:
            raise ValueError(f"{self.name} ({self.kind}) acts for itself; nobody answers for it.")
        if self.is_agent and not self.owner:
            raise ValueError(f"{self.name} is an agent, and nobody says on whose behalf.")
        if (self.through or self.chat) and not self.user:
            raise ValueError(f"{self.name} ({self.kind}) is nobody who signs in at a terminal or in a chat.")

    @classmethod
    def person(cls, user: AbstractBaseUser | AnonymousUser, *, through: str = "") -> Self:
        """Somebody who is not signed in is a person without a name or any right."""
        return cls(ActorKind.PERSON, user.get_username(), user if isinstance(user, User) else None, through=through)

    @classmethod
    def in_chat(cls, user: User, account: str) -> Self:
        """A person who answers by an account of a chat that they bound to theirs."""
        return cls(ActorKind.PERSON, user.get_username(), user, chat=account)

    @classmethod
    def token(cls, name: str) -> Self:
        """What a pipeline calls itself at the server, where whoever runs commands may do all that they do."""
        return cls(ActorKind.TOKEN, name)

    @classmethod
    def automation(cls, name: str, owner: User, *rights: str) -> Self:
        """What Tealgate does by itself since `owner` said so, with these of their rights."""
        return cls(ActorKind.SYSTEM, name, owner=owner, rights=frozenset(rights))

    @classmethod
    def at_server(cls, name: str) -> Self:
        """Whoever runs a command there. No account can be called so: names have no blanks."""
        return cls(ActorKind.PERSON, f"{name} on the server")

    def __str__(self) -> str:
        """As sentences say it: with on whose behalf, and by which way."""
        if self.is_agent and self.owner:
            return f"an agent ({self.name}), on behalf of {self.owner.get_username()}"
        return f"{self.name}{by_way_of(through=self.through, chat=self.chat)}"

    @property
    def as_answerable(self) -> str:
        """Who answers for it, and by which token or job; "" for people themselves, on a page."""
        if self.owner is None or self.is_agent:
            return str(self) if self.owner or self.through or self.chat else ""
        return f"{self.owner.get_username()}, by {'CI: ' if self.run else 'the token '}{self.name}"

    @property
    def marks(self) -> Mapping[str, Any]:
        """What an event's data says of it besides kind and name."""
        if self.is_agent and self.owner:
            return {"agent": True, "on_behalf_of": self.owner.get_username()}
        if self.run:
            return {"run": self.run, "run_url": self.run_url}
        if self.chat:
            return {"chat": self.chat}
        return {"through": self.through} if self.through else {}

    @property
    def shown_as(self) -> str:
        """The one thing by which it asks: a token's name, of which there is one ever, or a person's."""
        return self.through or self.name

    @property
    def is_person(self) -> bool:
        return self.kind is ActorKind.PERSON

    @property
    def answerable(self) -> User | None:
        """The person behind it: themselves, or who made the token."""
        return self.user or self.owner

    def may(self, right: str) -> bool:
        """Whether Django's permission, such as deployments.decide_gate, was given to them.

        A token has those of its owner that it was given, for as long as the owner has them.
        """
        if self.owner is not None:
            return right in self.rights and permissions.has(self.owner, right)
        return self.user is not None and permissions.has(self.user, right)

    def is_for(self, environment: int) -> bool:
        """Whether it was made for that environment, too; people are for all."""
        return self.environments is None or environment in self.environments

    def belongs_to(self, groups: Collection[str]) -> bool:
        """Whether they are in one of these groups."""
        return not self.groups.isdisjoint(groups)

    @cached_property
    def groups(self) -> frozenset[str]:
        person = self.answerable
        return permissions.groups(person) if person else frozenset()


def by_way_of(*, through: str, chat: str) -> str:
    """What follows a person's name where they were not on a page; "" where they were."""
    if chat:
        return f", {chat}" if chat.startswith("by ") else f", in {chat}"
    return f", through the API by {through}" if through else ""


SYSTEM = Principal(ActorKind.SYSTEM, "tealgate")
