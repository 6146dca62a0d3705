"""Preflight now. Only reads AWS, so looking is enough."""

from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from deployments import clock
from deployments.aws.errors import AwsError
from deployments.catalog import environments
from deployments.catalog.models import Environment
from deployments.delivery.views.preflight_report import grouped
from deployments.languages.told import told
from deployments.preflight import beginning
from deployments.refused import Refused

if TYPE_CHECKING:
    from deployments.admin.environments import EnvironmentAdmin


def view(model_admin: "EnvironmentAdmin", request: HttpRequest, environment: Environment) -> HttpResponse:
    report, problem = None, ""
    try:
        report = environments.check(environment, environment.live_release, now=clock.now())
    except Refused as refused:
        problem = refused.sentence
    except AwsError as error:
        problem = f"{error.sentence} Check the region and the role, then look again."
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "original": environment,
        "title": told(f"Check of {environment}"),
        "crumb": told("Check"),
        "env": environment,
        "report": grouped(report) if report else [],
        "passed": bool(report and report.passed),
        "offer": beginning.offer(report) if report else "",
        "problem": problem,
        "checked_at": clock.now(),
    }
    return TemplateResponse(request, "admin/deployments/environment/check.html", context)
