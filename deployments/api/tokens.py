"""Who asks: the token in the header, and how often it may."""

from django.http import HttpRequest
from ninja.security import HttpBearer

from deployments import clock
from deployments.api.slowing import slow_down
from deployments.catalog import tokens
from deployments.catalog.trusts import job_tokens
from deployments.ops import rate
from deployments.people.principal import Principal


class Token(HttpBearer):
    """`Authorization: Bearer tealgate_…`. A signed-in browser is nobody here, so no page can be made to ask."""

    def authenticate(self, request: HttpRequest, token: str) -> Principal | None:
        shown, now = token.strip(), clock.now()
        found = tokens.recognised(shown, now) or job_tokens.recognised(shown, now)
        if found is not None:
            request.tealgate_token = found.shown_as  # type: ignore[attr-defined]  # for the log
            slow_down(
                rate.BY_TOKEN, found.shown_as, f"The token {found.shown_as} asks too often",
                "Waiting for a change (?wait=) costs less.",
            )  # fmt: skip
        return found


def principal(request: HttpRequest) -> Principal:
    found: Principal = request.auth  # type: ignore[attr-defined]
    return found


def reads_aws(request: HttpRequest) -> None:
    """Before a call does. Raises Stopped when this token had it do so too often."""
    name = principal(request).shown_as
    slow_down(rate.AWS_READERS, name, f"What {name} asks reads AWS, and too often")
