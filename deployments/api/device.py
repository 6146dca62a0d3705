"""Signing in at a terminal: RFC 8628, with JSON. Without a token, since this is how people come by one."""

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Query, Router, Schema
from pydantic import Field

from deployments import clock
from deployments.api.problems import Problem, Stopped
from deployments.api.slowing import slow_down_address
from deployments.api.tokens import principal
from deployments.catalog import device_grants, tokens
from deployments.ops import rate
from deployments.ops.client_address import client_address

router = Router(tags=["signing in"])

#: As it is described; the service says it in a sentence.
_CLIENT = r"^\s*[A-Za-z0-9][A-Za-z0-9 ._@'-]*\s*$"
_TOO_MANY = "Too many sign-ins are asked for from here"


class SignIn(Schema):
    model_config = {"extra": "forbid"}

    #: what people are shown, such as "tealgate on maya-laptop"
    client: Annotated[str, Field(min_length=1, max_length=50, json_schema_extra={"pattern": _CLIENT})]


class DeviceCodeOut(Schema):
    device_code: str
    #: for the person: they type it, or see that it is the same
    user_code: str
    verification_uri: str
    #: with the code in it
    verification_uri_complete: str
    #: seconds, for both codes
    expires_in: int
    #: seconds between two questions
    interval: int


class Fetch(Schema):
    model_config = {"extra": "forbid"}

    device_code: Annotated[str, Query(min_length=1, max_length=200)]


class PersonTokenOut(Schema):
    access_token: str
    token_type: str = "Bearer"  # noqa: S105 - RFC 6750's word
    #: seconds
    expires_in: int
    #: the account
    person: str
    #: what the log and the pages call the token
    name: str


class NoTokenYet(Problem):
    #: authorization_pending, slow_down, access_denied, expired_token or invalid_grant; "" for what is no JSON
    error: str = ""


@router.post(
    "/device/code",
    response={200: DeviceCodeOut},
    auth=None,
    summary="Ask to be signed in at a terminal",
    description="Show the person `user_code` and the address, and ask `/device/token` every `interval` seconds.",
)
def code(request: HttpRequest, response: HttpResponse, body: SignIn) -> DeviceCodeOut:
    slow_down_address(rate.SIGN_INS, request, _TOO_MANY)
    codes = device_grants.ask(client=body.client, address=client_address(request), now=clock.now())
    response["Cache-Control"] = "no-store"
    page = request.build_absolute_uri(reverse("device"))
    return DeviceCodeOut(
        device_code=codes.device,
        user_code=codes.user,
        verification_uri=page,
        verification_uri_complete=f"{page}?user_code={codes.user}",
        expires_in=int(device_grants.GOOD_FOR.total_seconds()),
        interval=device_grants.INTERVAL,
    )


@router.post(
    "/device/token",
    response={200: PersonTokenOut, 400: NoTokenYet},
    auth=None,
    summary="Fetch the token, once somebody allowed it",
    description="Until then 400 with RFC 8628's word in `error`: authorization_pending (ask again), slow_down (and "
    "five seconds later each time), access_denied, expired_token, or invalid_grant where nothing waits.",
)
def token(request: HttpRequest, response: HttpResponse, body: Fetch) -> PersonTokenOut:
    slow_down_address(rate.SIGN_IN_LOOKS, request, _TOO_MANY)
    now = clock.now()
    try:
        made, secret = device_grants.fetch(device_code=body.device_code, now=now)
    except device_grants.NotYet as not_yet:
        more: dict[str, Any] = {"error": not_yet.error.value}
        raise Stopped(
            400, "No token yet", not_yet.sentence, headers={"Cache-Control": "no-store"}, more=more
        ) from not_yet
    response["Cache-Control"] = "no-store"
    seconds = int((made.expires_at - now).total_seconds())
    return PersonTokenOut(access_token=secret, expires_in=seconds, person=made.owner.get_username(), name=made.name)


@router.post(
    "/device/sign-out",
    response={204: None, 403: Problem},
    summary="End the token that this is asked with",
    description="Of somebody who signed in at a terminal. It ends no other: who took one could keep its owner out.",
)
def sign_out(request: HttpRequest) -> HttpResponse:
    who = principal(request)
    if not who.through:
        detail = f"{who.name} signed in nowhere; its token is ended where it was made."
        raise Stopped(403, "People sign out", detail)
    tokens.revoke(token=tokens.by_name(who.through), principal=who, now=clock.now())
    return HttpResponse(status=204)
