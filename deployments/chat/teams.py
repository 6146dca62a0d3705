"""Teams' outgoing webhook: its callback URL leads here. What is answered stands below what was asked."""

from django.http import HttpRequest, HttpResponse, JsonResponse

from deployments import clock
from deployments.chat.door import door
from deployments.telling.chat import taking, teams
from deployments.telling.chat.models import ChatKind, ChatWorkspace


@door(ChatKind.TEAMS)
def view(request: HttpRequest, workspace: ChatWorkspace) -> HttpResponse:
    now = clock.now()
    activity = taking.teams(workspace, body=request.body, signature=request.headers.get("Authorization", ""), now=now)
    return JsonResponse({"type": "message", "textFormat": "plain", "text": teams.take(workspace, activity, now)})
