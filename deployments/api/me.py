"""Whoever asks, told of themselves: an agent's client will not go on with somebody else's token."""

from django.http import HttpRequest
from ninja import Router, Schema

from deployments.api.tokens import principal
from deployments.people.principal import Principal
from deployments.people.scopes import SCOPES

router = Router(tags=["tokens"])


class MeOut(Schema):
    #: MACHINE, AGENT, JOB (of a CI) or PERSON
    kind: str
    #: what the log calls it
    name: str
    #: who acts by it, or answers for it
    person: str
    #: what it was given; a person's has none, and may what they may
    scopes: list[str]


@router.get("/me", response=MeOut, summary="Whose token it is, and what it was given")
def me(request: HttpRequest) -> MeOut:
    who = principal(request)
    scopes = [name for name, scope in SCOPES.items() if scope.rights <= who.rights]
    person = who.answerable.get_username() if who.answerable else ""
    return MeOut(kind=_kind(who), name=who.shown_as, person=person, scopes=scopes)


def _kind(who: Principal) -> str:
    if who.is_person:
        return "PERSON"
    if who.is_agent:
        return "AGENT"
    return "MACHINE" if who.applications is None else "JOB"
