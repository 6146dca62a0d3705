"""Moving house, by clicks: the plan with its lines of code, one step after the other, and the way back."""

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from deployments import clock
from deployments.catalog.models import Environment
from deployments.delivery import moves
from deployments.delivery.models import Move
from deployments.languages.told import told
from deployments.moving.planning import MovePlan
from deployments.moving.values import STEPS, Wanted
from deployments.people import rights
from deployments.people.principal import Principal
from deployments.refused import Refused
from deployments.vocabulary import Controller, MoveStatus

if TYPE_CHECKING:
    from deployments.admin.environments import EnvironmentAdmin

FIELDS = ("alternate_target_group", "production_rule", "test_rule", "infrastructure_role")
LONGEST = 2048


def view(model_admin: "EnvironmentAdmin", request: HttpRequest, environment: Environment) -> HttpResponse:
    principal = Principal.person(request.user)
    wanted = _wanted(request)
    if request.method == "POST":
        _do(request, environment, wanted, principal)
        return redirect("admin:deployments_environment_move", environment.pk)
    row = Move.objects.newest(environment)
    open_row = row if row and (row.status == MoveStatus.UNDER_WAY or not moves.back_refusal(row)) else None
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "original": environment,
        "title": told(f"Move {environment}"),
        "crumb": told("Move"),
        "env": environment,
        "move": open_row,
        "asks_back": bool(open_row and (open_row.turning_back or open_row.status == MoveStatus.DONE)),
        "refusal": rights.move_refusal(principal, environment),
        **_plan(environment, open_row, wanted),
    }
    return TemplateResponse(request, "admin/deployments/environment/move.html", context)


def _do(request: HttpRequest, environment: Environment, wanted: Wanted, principal: Principal) -> None:
    now, row = clock.now(), Move.objects.newest(environment)
    try:
        if "begin" in request.POST:
            moves.begin(environment=environment, wanted=wanted, principal=principal, now=now)
            said = f"{environment} is locked, and nothing was changed yet. Do the first step when you are ready."
        elif row is None:
            raise Refused(f"No move of {environment} has begun.")
        else:
            act = moves.go_back if "back" in request.POST else moves.go_on
            said = act(move=row, principal=principal, now=now)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return
    messages.success(request, said)


def _wanted(request: HttpRequest) -> Wanted:
    given = request.POST if request.method == "POST" else request.GET
    typed = {name: str(given.get(name, "")).strip()[:LONGEST] for name in FIELDS}
    to = Controller.SERVICE_PAIR if given.get("to") == Controller.SERVICE_PAIR else Controller.ECS
    return Wanted(controller=to, **typed)


def _plan(environment: Environment, row: Move | None, wanted: Wanted) -> dict[str, Any]:
    """While a move is under way its own plan, with what it was given."""
    if row:
        wanted = Wanted(**row.wanted)
    try:
        found, plan = moves.of_row(row) if row else moves.planned(environment, wanted, clock.now())
    except Refused as refused:
        return {"problem": refused.sentence, "wanted": wanted}
    return {"plan": plan, "wanted": found, "steps": _steps(plan, row), "to_pair": found.controller != Controller.ECS}


def _steps(plan: MovePlan, row: Move | None) -> list[dict[str, Any]]:
    done = row.done if row else 0
    return [
        {
            "planned": step,
            "number": number,
            "state": "done" if number <= done else "running" if row and number == done + 1 else "planned",
            "says": row.says if row and number == min(done + 1, len(STEPS)) else "",
        }
        for number, step in enumerate(plan.steps, start=1)
    ]
