"""An environment that is busy only because the release before is kept warm there."""

from tealgate import showing, waiting
from tealgate.api import at
from tealgate.endings import Refused
from tealgate.session import Session
from tealgate.verdict import Until, is_settled, name


def end_warm_time(session: Session, place: tuple[str, str], refused: Refused, seconds: float) -> None:
    """Once it is over, something else can be asked for. Raises `refused` when something else is in the way."""
    number = session.api.get(at("environments", *place))["deployment"]
    if refused.status != 409 or number is None:
        raise refused
    before = session.api.get(at("deployments", number))
    if not is_settled(before):
        raise refused
    session.out.say(f"{name(before)} is live, and what was there before it is kept warm. Ending that.")
    try:
        session.api.post(at("deployments", number, "finish"))
    except Refused:
        if not session.api.get(at("deployments", number))["is_finished"]:  # by itself, meanwhile
            raise
    waiting.wait(session.api, before, Until.FINISHED, seconds=seconds, show=showing.shower(session.out))
