"""What is the same for all chats: how big, how often, whether it is believed, and each refusal as a sentence."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from deployments import logs
from deployments.ops import rate
from deployments.ops.client_address import client_network
from deployments.sealed import Unreadable
from deployments.telling.chat import taking
from deployments.telling.chat.models import ChatKind, ChatWorkspace

Asked = Callable[[HttpRequest, ChatWorkspace], HttpResponse]
log = logs.get(__name__)
_PLAIN = "text/plain; charset=utf-8"


def door(kind: ChatKind) -> Callable[[Asked], Callable[[HttpRequest, int], HttpResponse]]:
    """For a view of one chat's requests. Signed ones are never slowed down: only who tries secrets is."""

    def decorated(view: Asked) -> Callable[[HttpRequest, int], HttpResponse]:
        @csrf_exempt
        @require_POST
        @wraps(view)
        def answered(request: HttpRequest, pk: int) -> HttpResponse:
            if _length(request) > taking.LARGEST or len(request.body) > taking.LARGEST:
                return said(413, "The body is bigger than 1 MB.")
            workspace = taking.workspace(pk, kind)
            if workspace is None:
                return _slowed(request) or said(404, "Nothing is listened to at this address.")
            try:
                return view(request, workspace)
            except taking.NotBelieved as error:
                return _slowed(request) or said(401, str(error))
            except taking.Unchecked as error:
                return _slowed(request) or later(error.seconds)
            except taking.Repeated:
                return said(409, "This was taken before; nothing was done now.")
            except taking.Unreadable as error:
                return said(400, str(error))
            except Unreadable as error:  # for whoever runs Tealgate, and nobody outside
                log.error("a chat is not believed", workspace=str(workspace), why=error.sentence)
                return said(503, "Tealgate cannot read this workspace's secret; its log says what to do.")

        return answered

    return decorated


def said(status: int, sentence: str) -> HttpResponse:
    return HttpResponse(sentence, status=status, content_type=_PLAIN)


def later(seconds: int) -> HttpResponse:
    answer = said(503, "Tealgate cannot check now who sends this.")
    answer.headers["Retry-After"] = str(seconds)
    return answer


def _length(request: HttpRequest) -> int:
    said = request.headers.get("Content-Length", "0")
    return int(said) if said.isascii() and said.isdecimal() else 0


def _slowed(request: HttpRequest) -> HttpResponse | None:
    seconds = rate.BY_ADDRESS.wait(client_network(request) or "")
    if not seconds:
        return None
    answer = said(429, f"Too many that are not believed come from your address; wait {seconds} s.")
    answer.headers["Retry-After"] = str(seconds)
    return answer
