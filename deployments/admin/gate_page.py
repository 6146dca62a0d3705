"""One gate, on a phone from a message's link: the evidence, what changes, and two buttons for a thumb."""

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse

from deployments import clock
from deployments.admin import deployment_page
from deployments.delivery import approvals, gate_seen
from deployments.delivery.models import Deployment, Gate
from deployments.delivery.views.decided import gate_record
from deployments.delivery.views.deployment import load
from deployments.delivery.views.page_version import version_of
from deployments.people import rights
from deployments.people.principal import Principal
from deployments.refused import Refused
from deployments.telling.notifications.audience import deciders
from deployments.telling.notifications.wording import changes
from deployments.templatetags.tones import status_tone
from deployments.vocabulary import Verdict

if TYPE_CHECKING:
    from deployments.admin.gates import GateAdmin

#: Of those who may decide, so many are named.
_NAMED = 10
_VERDICTS = {"approve": Verdict.APPROVE, "reject": Verdict.REJECT}


def page(model_admin: "GateAdmin", request: HttpRequest, pk: int) -> HttpResponse:
    """A link to it gives nobody a right: whoever opens it signed in, and sees what they may see."""
    gate, deployment = _found(request, pk)
    verdict = _VERDICTS.get(request.POST.get("verdict", ""))
    if request.method != "POST" or verdict is None:
        return _shown(model_admin, request, gate, deployment)
    comment = request.POST.get("comment", "")
    try:
        _decided(request, gate, verdict, comment)
    except Refused as refused:
        # Shown again as it is now, with what was typed.
        gate, deployment = _found(request, pk)
        return _shown(model_admin, request, gate, deployment, error=refused.sentence, typed_comment=comment)
    messages.success(request, "Approved." if verdict is Verdict.APPROVE else "Rejected; the deployment is rolled back.")
    return redirect("admin:deployments_gate_change", gate.pk)


def _decided(request: HttpRequest, gate: Gate, verdict: Verdict, comment: str) -> None:
    """By what the page showed. Raises Refused."""
    seen = request.POST.get("seen", "")
    if not seen:
        raise Refused("The page did not say what it showed. Look at it as it is now, then decide.")
    act = approvals.approve if verdict is Verdict.APPROVE else approvals.reject
    act(gate=gate, principal=Principal.person(request.user), comment=comment, now=clock.now(), seen=seen)


def _found(request: HttpRequest, pk: int) -> tuple[Gate, Deployment]:
    principal = Principal.person(request.user)
    if refusal := rights.view_refusal(principal, "gate") or rights.view_refusal(principal, "deployment"):
        raise PermissionDenied(refusal)
    gate = Gate.objects.prefetch_related("groups", "approvals__person").filter(pk=pk).first()
    deployment = load(gate.deployment_id) if gate else None
    if gate is None or deployment is None:
        raise Http404("There is no such gate any more.")
    gate.deployment = deployment
    return gate, deployment


def live(request: HttpRequest, pk: int) -> HttpResponse:
    """204 when the page would look the same, else its region; a closed gate needs no further look."""
    gate, deployment = _found(request, pk)
    version, ended = version_of(deployment), {"X-Tealgate-Ended": "" if gate.is_open else "1"}
    if request.GET.get("v") == version:
        return HttpResponse(status=204, headers=ended)
    context = _context(request, gate, deployment)
    region = render_to_string("admin/deployments/gate/live.html", context, request=request)
    return HttpResponse(region, headers={"X-Tealgate-Version": version, **ended})


def _shown(
    model_admin: "GateAdmin", request: HttpRequest, gate: Gate, deployment: Deployment, **more: str
) -> HttpResponse:
    context: dict[str, Any] = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "original": deployment,
        "title": f"Gate of {deployment}",
        **_context(request, gate, deployment),
        **more,
    }
    return TemplateResponse(request, "admin/deployments/gate/page.html", context)


def _context(request: HttpRequest, gate: Gate, deployment: Deployment) -> dict[str, Any]:
    now = clock.now()
    found = deployment_page.context(deployment, Principal.person(request.user), now)
    waits = gate.is_open and found["gate"] is not None
    return {
        **found,
        "record": gate_record(gate),
        "tone": status_tone(gate.status),
        "waits": waits,
        "is_over": waits and gate.has_expired(now),
        "seen": gate_seen.fingerprint(gate) if waits else "",
        "changes": changes.lines(deployment) if waits else (),
        "may": _may(gate) if waits and found["gate"]["row"].refusal else [],
    }


def _may(gate: Gate) -> list[str]:
    """By name, for whoever may not; one name more than are shown says that there are others."""
    names = [person.get_username() for person in deciders.of(gate)]
    return names if len(names) <= _NAMED else [*names[:_NAMED], f"{len(names) - _NAMED} more"]
