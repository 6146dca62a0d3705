"""The whole of /api/v1/, and how it answers."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase
from ninja.openapi.schema import OpenAPISchema

from deployments.api import (
    deployments,
    device,
    environments,
    events,
    forges,
    gates,
    me,
    oidc,
    parameters,
    problems,
    releases,
)
from deployments.api.tags import tagged
from deployments.api.tokens import Token

_DESCRIPTION = """
What the pages do, for pipelines and scripts. Send `Authorization: Bearer tealgate_…`; tokens are made on the page
*API tokens*, and people at a terminal sign in with `tealgate login`. What is refused is answered as
`application/problem+json`, with a sentence and what to do. Every answer to a GET has an `ETag`; a POST may be sent
twice with an `Idempotency-Key`. No machine decides at a gate.
"""


class _Page(DocsBase):
    """To read and to try it: ninja's script in our own frame, from our own server."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        return render(request, "tealgate/api.html", {"api": api, "description": self.get_openapi_url(api, kwargs)})


class _Door(NinjaAPI):
    def get_openapi_schema(self, **kwargs: Any) -> OpenAPISchema:
        """With the problems that every call may end with."""
        described = super().get_openapi_schema(**kwargs)
        problems.describe(described)
        return described

    def create_response(
        self,
        request: HttpRequest,
        data: Any,
        *,
        status: int | None = None,
        temporal_response: HttpResponse | None = None,
    ) -> HttpResponse:
        """With an ETag, and 304 for whoever has it already."""
        response = super().create_response(request, data, status=status, temporal_response=temporal_response)
        return tagged(request, response) if request.method == "GET" and response.status_code == 200 else response


api = _Door(
    title="Tealgate", version=settings.VERSION, description=_DESCRIPTION, urls_namespace="api", auth=Token(),
    docs=_Page(), docs_url="/",
)  # fmt: skip
problems.teach(api)
api.add_decorator(parameters.known_only, mode="operation")
for rooms in (releases, environments, deployments, gates, events, me, device, oidc, forges):
    api.add_router("", rooms.router)


@csrf_exempt  # else a POST would be told of a form that it has not sent
def nothing_here(request: HttpRequest) -> HttpResponse:
    """For addresses that no version of the API has: the pages behind would send a pipeline to sign in."""
    detail = "There is nothing at this address. All of the API is below /api/v1/, which describes it."
    return problems.answer(problems.Problem(status=404, title="Not found", detail=detail))
