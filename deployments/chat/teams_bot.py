"""A bot's messaging endpoint leads here. A button's answer is what its card shows; all else is answered by the bot."""

from django.http import HttpRequest, HttpResponse, JsonResponse

from deployments import clock
from deployments.chat.door import door, said
from deployments.telling.chat.bot import activities, believing, cards, hearing, pressing
from deployments.telling.chat.models import ChatKind, ChatWorkspace


@door(ChatKind.BOT)
def view(request: HttpRequest, workspace: ChatWorkspace) -> HttpResponse:
    now = clock.now()
    authorization = request.headers.get("Authorization", "")
    activity = believing.believed(workspace, authorization=authorization, body=request.body, now=now)
    if not activities.invoked(activity):
        hearing.take(workspace, activity, now)
        return HttpResponse()
    answered = pressing.take(workspace, activity, now)
    if answered is None:
        return said(501, "Tealgate has no such button.")
    return JsonResponse(cards.response(answered))
