"""What people do on a deployment's page. A GET asks once more, for whoever has no JavaScript; a POST does it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from deployments import clock
from deployments.admin.base import attempt, number
from deployments.delivery import approvals, going_on, turning_back, warm_time
from deployments.delivery.models import Deployment, Gate
from deployments.people.principal import Principal
from deployments.refused import Refused
from deployments.vocabulary import Status

if TYPE_CHECKING:
    from deployments.admin.deployments import DeploymentAdmin


#: What is asked before a deployment that failed and stayed is turned back: nobody has tried yet.
_BACK_FROM_FAILED: dict[str, Any] = {
    "button": "Go back",
    "question": "Go back to what ran before?",
    "explanation": "It was sick, or nothing ran. The other way on is to deploy what mends it.",
    "done": "Roll back asked for.",
}


@dataclass(frozen=True, kw_only=True)
class Verb:
    name: str
    button: str
    question: str
    explanation: str
    done: str
    act: Callable[[Deployment, Principal, HttpRequest], object]
    danger: bool = False
    asks_reason: bool = False
    asks_minutes: bool = False
    asks_unproven: bool = False


def _reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "")


def _minutes(request: HttpRequest) -> int:
    return number(request.POST.get("minutes", "").strip())


VERBS = {
    verb.name: verb
    for verb in (
        Verb(
            name="stop",
            button="Stop",
            question="Stop this deployment?",
            explanation="Before anything was changed it just stops. Afterwards it is rolled back: all traffic goes to "
            "the release that was live before.",
            done="Stop asked for.",
            act=lambda deployment, principal, request: turning_back.stop(
                deployment=deployment, principal=principal, reason=_reason(request), now=clock.now()
            ),
            danger=True,
            asks_reason=True,
        ),
        Verb(
            name="roll-back",
            button="Roll back",
            question="Roll back now?",
            explanation="All production traffic goes back to the release that was live before. It needs no approval.",
            done="Roll back asked for.",
            act=lambda deployment, principal, request: turning_back.roll_back(
                deployment=deployment, principal=principal, reason=_reason(request), now=clock.now()
            ),
            danger=True,
            asks_reason=True,
        ),
        Verb(
            name="retry",
            button="Retry roll back",
            question="Try the roll back again?",
            explanation="The way back is walked again from its start. What is done already is not done twice.",
            done="Roll back started again.",
            act=lambda deployment, principal, request: turning_back.retry_roll_back(
                deployment=deployment, principal=principal, now=clock.now()
            ),
        ),
        Verb(
            name="extend",
            button="Extend",
            question="Keep the previous release warm for longer?",
            explanation="As long as it is warm, a roll back is one write and takes seconds. Its tasks cost money.",
            done="Kept warm for longer.",
            act=lambda deployment, principal, request: warm_time.extend(
                deployment=deployment, principal=principal, minutes=_minutes(request), now=clock.now()
            ),
            asks_minutes=True,
        ),
        Verb(
            name="finish",
            button="Finish now",
            question="Finish now?",
            explanation="The previous release is scaled to 0. Going back is then a new deployment, gates and all.",
            done="Warm time ended.",
            act=lambda deployment, principal, request: warm_time.finish_now(
                deployment=deployment, principal=principal, now=clock.now()
            ),
        ),
        Verb(
            name="go-on",
            button="Go on now",
            question="Go on now?",
            explanation="The rest of this watch is not waited for: the next step follows, if a last look finds nothing "
            "against it. Gates are not skipped.",
            done="It goes on.",
            act=lambda deployment, principal, request: going_on.go_on(
                deployment=deployment, principal=principal, now=clock.now(), unproven="unproven" in request.POST
            ),
            asks_unproven=True,
        ),
        Verb(
            name="look",
            button="Look again",
            question="Look at AWS again?",
            explanation="Health, alarms, requests and errors are read now. Nothing is changed.",
            done="Looking at AWS again.",
            act=lambda deployment, principal, request: approvals.look_again(
                deployment=deployment, principal=principal, now=clock.now()
            ),
        ),
    )
}


def verbs(status: str) -> dict[str, Verb]:
    """By name, as they are asked of a deployment in that status."""
    if status != Status.FAILED:
        return VERBS
    return {**VERBS, "retry": replace(VERBS["retry"], **_BACK_FROM_FAILED)}


def do(model_admin: "DeploymentAdmin", request: HttpRequest, deployment: Deployment, name: str) -> HttpResponse:
    verb = verbs(deployment.status).get(name)
    if verb is None:
        raise Http404("There is no such action.")
    principal = Principal.person(request.user)
    if request.method == "POST":
        attempt(request, lambda: verb.act(deployment, principal, request), verb.done)
        return redirect("admin:deployments_deployment_change", deployment.pk)
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "original": deployment,
        "title": verb.question,
        "deployment": deployment,
        "verb": verb,
    }
    return TemplateResponse(request, "admin/deployments/deployment/confirm.html", context)


def decide(model_admin: "DeploymentAdmin", request: HttpRequest, deployment: Deployment, pk: int) -> HttpResponse:
    gate = Gate.objects.select_related("deployment__environment").filter(pk=pk, deployment=deployment).first()
    if gate is None:
        raise Http404("There is no such gate.")
    verdict = request.POST.get("verdict")
    if request.method != "POST" or verdict not in ("approve", "reject"):
        return redirect("admin:deployments_deployment_change", deployment.pk)
    act = approvals.approve if verdict == "approve" else approvals.reject
    comment = request.POST.get("comment", "")
    try:
        act(gate=gate, principal=Principal.person(request.user), comment=comment, now=clock.now())
    except Refused as refused:
        # The page again instead of a redirect: what was typed is not lost.
        return model_admin.page(request, deployment, gate_error=refused.sentence, typed_comment=comment)
    messages.success(request, "Approved." if verdict == "approve" else "Rejected; the deployment is rolled back.")
    return redirect("admin:deployments_deployment_change", deployment.pk)
