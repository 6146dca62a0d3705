"""Where forges ask: a job on GitHub that waits for a gate here."""

from django.http import Http404, HttpRequest
from ninja import Router, Schema, Status

from deployments import clock
from deployments.api.problems import Problem, Stopped
from deployments.api.slowing import slow_down_address
from deployments.ops import rate
from deployments.telling.forge import asking

router = Router(tags=["forges"])

_NOT_BELIEVED = (
    "X-Hub-Signature-256 is not made with this connection's webhook secret. Give the app's webhook and the forge's "
    "page here the same one."
)


class TakenOut(Schema):
    #: whether it is a question, and will be answered at its own address
    is_answered: bool


@router.post(
    "/forges/{pk}/github",
    auth=None,
    response={202: TakenOut, 401: Problem, 413: Problem},
    summary="GitHub's webhook for deployment protection rules",
    description="No Authorization: X-Hub-Signature-256 says that it is GitHub. Each delivery is taken once.",
)
def github(request: HttpRequest, pk: int) -> Status[TakenOut]:
    if len(request.body) > asking.LARGEST:
        raise Stopped(413, "Too big", "The body is bigger than 1 MB; a question of GitHub's has a few KB.")
    forge = asking.connection(pk)
    if forge is None:
        raise Http404(f"There is no app of GitHub's {pk}.")
    try:
        question = asking.take(forge, _delivery(request), clock.now())
    except asking.NotBelieved:
        # Whoever tries secrets; GitHub, which has the right one, is never slowed down.
        slow_down_address(rate.BY_ADDRESS, request, "Too many with a wrong signature come from your address")
        raise Stopped(401, "Not believed", _NOT_BELIEVED) from None
    except asking.Repeated:
        sentence = "This delivery was taken before, or another of the same deployment; nothing was done now."
        raise Stopped(409, "Taken before", sentence) from None
    return Status(202, TakenOut(is_answered=question is not None))


def _delivery(request: HttpRequest) -> asking.Delivery:
    said = request.headers
    return asking.Delivery(
        event=said.get("X-GitHub-Event", ""),
        id=said.get("X-GitHub-Delivery", ""),
        signature=said.get("X-Hub-Signature-256", ""),
        body=request.body,
    )
