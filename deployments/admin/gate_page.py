"""One gate, on a phone from a message's link: the evidence, what changes, and two buttons for a thumb."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse

from deployments import clock
from deployments.admin import deployment_page
from deployments.delivery import approvals, gate_seen
from deployments.delivery.models import Deployment, Gate
from deployments.delivery.views.changing import changes_view
from deployments.delivery.views.decided import gate_record
from deployments.delivery.views.deployment import load
from deployments.delivery.views.page_version import version_of
from deployments.delivery.views.risk import risk_view
from deployments.languages.told import told
from deployments.people import rights
from deployments.people.principal import Principal
from deployments.refused import Refused
from deployments.telling.notifications import preferences
from deployments.telling.notifications.audience import deciders
from deployments.telling.notifications.timing import wall
from deployments.templatetags.tones import status_tone
from deployments.vocabulary import DeploymentKind, Verdict

if TYPE_CHECKING:
    from deployments.admin.gates import GateAdmin

#: Of those who may decide, so many are named.
_NAMED = 10
#: from where a gate can be decided as well, and where one is again afterwards
_LISTS = {"board": "admin:index", "inbox": "admin:deployments_notice_changelist"}
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
    gate.refresh_from_db()
    messages.success(request, _done(gate, deployment, verdict))
    back = _LISTS.get(request.POST.get("back", ""))
    return redirect(back) if back else redirect("admin:deployments_gate_change", gate.pk)


def _done(gate: Gate, deployment: Deployment, verdict: Verdict) -> str:
    """Named, since it may be read in a list of several."""
    if verdict is Verdict.APPROVE:
        return f"{deployment}: {'Approved; it waits for others, too.' if gate.is_open else 'Approved.'}"
    end = "the deployment is rolled back" if deployment.kind == DeploymentKind.NORMAL else "the deployment ends"
    return f"{deployment}: Rejected; {end}."


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
        "title": told(f"Gate of {deployment}"),
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
        **(_to_decide_on(request, deployment, now) if waits else {}),
        "may": _may(gate) if waits and found["gate"]["row"].refusal else [],
    }


def _to_decide_on(request: HttpRequest, deployment: Deployment, now: datetime) -> dict[str, Any]:
    assert isinstance(request.user, User)  # noqa: S101 - the admin let nobody else in
    zone = wall.zone(preferences.of(request.user).zone)
    return {"changing": changes_view(deployment), "risk": risk_view(deployment, now=now, zone=zone)}


def _may(gate: Gate) -> list[str]:
    """By name, for whoever may not; one name more than are shown says that there are others."""
    names = [person.get_username() for person in deciders.of(gate)]
    return names if len(names) <= _NAMED else [*names[:_NAMED], told(f"{len(names) - _NAMED} more")]
