"""Names of tokens and trusts: the log and the pages say them, so none may read as somebody else."""

from django.contrib.auth.models import User

from deployments.catalog.models.self_registration import SELF_REGISTRATION
from deployments.people.principal import SYSTEM
from deployments.refused import Refused
from deployments.texts import typed

#: What sentences put around names, and what others that act are called by.
_PUNCTUATION = '(),;“”"<>'
_OTHERS = {
    " via ": "a CI's job",
    " on behalf of ": "an agent",
    " on the server": "somebody at the server",
    SELF_REGISTRATION: "a release that registers itself",
}


def own_name(text: str, *, most: int) -> str:
    """As it is kept. Raises Refused: none, a person's, Tealgate's, or one that looks like another's."""
    name = typed(text, most=most, what="The name", field="name")
    if not name:
        raise Refused("Give it a name; the log will say it with everything that it does.", field="name")
    if not name.isprintable() or any(mark in name for mark in _PUNCTUATION):
        raise Refused(
            f"A name has letters, digits, blanks and marks that are seen, but none of {_PUNCTUATION}; leave those out.",
            field="name",
        )
    for words, whose in _OTHERS.items():
        if words in f" {name} ".lower():
            raise Refused(f"A name with “{words.strip()}” reads as {whose}; call it otherwise.", field="name")
    if name.lower() == SYSTEM.name or User.objects.filter(username__iexact=name).exists():
        raise Refused(f"The log would take it for {name}, who acts here, too; call it otherwise.", field="name")
    return name
