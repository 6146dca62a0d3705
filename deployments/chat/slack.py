"""Slack's interactions: its app's Interactivity Request URL leads here."""

from django.http import HttpRequest, HttpResponse, JsonResponse

from deployments import clock
from deployments.chat.door import door
from deployments.telling.chat import slack, taking
from deployments.telling.chat.models import ChatKind, ChatWorkspace


@door(ChatKind.SLACK)
def view(request: HttpRequest, workspace: ChatWorkspace) -> HttpResponse:
    now, headers = clock.now(), request.headers
    payload = taking.slack(
        workspace,
        body=request.body,
        timestamp=headers.get("X-Slack-Request-Timestamp", ""),
        signature=headers.get("X-Slack-Signature", ""),
        now=now,
    )
    answer = slack.take(workspace, payload, now)
    return HttpResponse() if answer is None else JsonResponse(answer)
