"""Jobs of a CI: their ID token for one of ours."""

from datetime import datetime
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema, Status
from pydantic import StringConstraints

from deployments import clock
from deployments.api.problems import Problem, Stopped
from deployments.api.slowing import slow_down_address
from deployments.catalog.trusts.exchange import NotGiven, Why, exchange
from deployments.identity.envelope import LONGEST
from deployments.ops import rate

router = Router(tags=["tokens"])

#: Status and title of each refusal.
_PROBLEMS = {
    Why.NOT_PROVEN: (401, "Not believed"),
    Why.NOT_IN_TIME: (401, "Not in time"),
    Why.USED_BEFORE: (401, "Used before"),
    Why.FITS_NO_TRUST: (403, "Not trusted"),
    Why.FITS_SEVERAL: (409, "Which one?"),
    Why.NO_KEYS: (503, "No keys"),
}


class Show(Schema):
    model_config = {"extra": "forbid"}

    #: as the CI gives it to the job
    id_token: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST, pattern=r"^[\w.=-]*$")]
    #: which one is meant, where several fit
    trust: Annotated[str, Query(max_length=60, pattern=r"^[^\x00]*$")] = ""


class GivenOut(Schema):
    #: for Authorization: Bearer …; it is told this once
    token: str
    expires_at: datetime
    #: what the log calls the job
    name: str
    trust: str
    scopes: list[str]


@router.post(
    "/oidc/token",
    auth=None,
    response={201: GivenOut, 401: Problem, 403: Problem},
    summary="A token for a CI's job",
    description="No Authorization: the ID token says who asks. It is good once, and what is given for it 15 minutes. A "
    "job that goes on for longer sends it again, with the token of before as Authorization.",
)
def given(request: HttpRequest, response: HttpResponse, body: Show) -> Status[GivenOut]:
    slow_down_address(rate.BY_ADDRESS, request, "Tokens are asked for too often from your address")
    try:
        made = exchange(id_token=body.id_token, trust=body.trust, before=_before(request), now=clock.now())
    except NotGiven as refused:
        raise _stopped(refused) from refused
    response["Cache-Control"] = "no-store"
    token = made.token
    shown = GivenOut(
        token=made.secret, expires_at=token.expires_at, name=token.name, trust=token.trust.name,
        scopes=token.trust.scopes,
    )  # fmt: skip
    return Status(201, shown)


def _before(request: HttpRequest) -> str:
    scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
    return shown.strip() if scheme.lower() == "bearer" else ""


def _stopped(refused: NotGiven) -> Stopped:
    status, title = _PROBLEMS[refused.why]
    headers = {"Retry-After": str(refused.seconds)} if refused.seconds else {}
    field = "trust" if refused.why is Why.FITS_SEVERAL else "id_token"
    return Stopped(status, title, refused.sentence, field=field, headers=headers)
