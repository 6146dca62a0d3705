"""A service by which people can be told: what is asked for it, and the address that is made of the answers."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from deployments.refused import Refused

Answers = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One field. `pattern` has to fit the whole answer; `wrong` is said where it does not. Others may be left empty."""

    name: str
    label: str
    #: where one finds the value
    found: str
    like: str = ""
    pattern: str = ".+"
    wrong: str = ""
    is_needed: bool = True

    def answer(self, typed: str) -> str:
        """Raises Refused, with this field."""
        typed = typed.strip()
        if not typed and self.is_needed:
            raise Refused(f"It takes this to get there. {self.found}", field=self.name)
        if typed and not re.fullmatch(self.pattern, typed, re.IGNORECASE):
            raise Refused(self.wrong, field=self.name)
        return typed


@dataclass(frozen=True, kw_only=True)
class Made:
    #: as apprise or a service of ours reads it
    url: str = field(repr=False)
    #: all of it that everybody may see
    shown: str


@dataclass(frozen=True, kw_only=True)
class Service:
    """`key` is how our addresses and pages call it; `link` leads to its own description of what is asked."""

    key: str
    title: str
    icon: str
    #: what it is good for, in a sentence
    about: str
    asked: tuple[Asked, ...]
    address: Callable[[Answers], str]
    #: never a token, nor what lets others read along
    shown: Callable[[Answers], str]
    link: str = ""
    #: whether its host is typed, so that it can be inside one's own network
    has_host: bool = False
    #: told by Tealgate's own credentials, which are not each person's to use
    is_of_channels: bool = False

    def made_of(self, typed: Answers) -> Made:
        """Raises Refused, with the field that is wrong."""
        said = {each.name: each.answer(typed.get(each.name, "")) for each in self.asked}
        return Made(url=self.address(said), shown=self.shown(said))
