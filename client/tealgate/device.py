"""A person signs in at a terminal by way of a browser, anywhere: RFC 8628's device authorization."""

import json
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from tealgate import answers, wire
from tealgate.endings import Refused, TimedOut
from tealgate.patience import unreachable
from tealgate.stored import Login
from tealgate.texts import clean

_SLOWER = 5.0
_AGAIN = ("authorization_pending", "slow_down")


def sign_in(url: str, client: str, show: Callable[[Mapping[str, Any]], None]) -> tuple[Login, str]:
    """And who it is. `show` is given the codes and addresses for the person.

    Raises Refused (denied, over), TimedOut and Unreachable.
    """
    codes = _asked(f"{url}/api/v1/device/code", {"client": client})
    show(codes)
    until, pause = time.monotonic() + float(codes["expires_in"]), float(codes["interval"])
    while time.monotonic() < until:
        time.sleep(pause)
        said = _asked(f"{url}/api/v1/device/token", {"device_code": codes["device_code"]})
        if "access_token" in said:
            expires = datetime.now(timezone.utc) + timedelta(seconds=float(said["expires_in"]))
            return Login(url=url, token=said["access_token"], expires_at=expires.isoformat()), clean(said["person"])
        pause += _SLOWER if said["error"] == "slow_down" else 0
    raise TimedOut("Nobody allowed it in time. Run `tealgate login` again.")


def _asked(url: str, body: Mapping[str, str]) -> dict[str, Any]:
    """Its answer, or the problem that says to ask again."""
    headers = {"Accept": "application/json", "Content-Type": "application/json"}
    try:
        answer = wire.ask("POST", url, headers=headers, body=json.dumps(body).encode())
        passing = answers.trouble(answer)
    except wire.NoAnswer as silent:
        passing = unreachable(url, silent)
        if not silent.passing:
            raise passing from silent
    except Refused as refused:
        if refused.problem.get("error") in _AGAIN:
            return dict(refused.problem)
        raise
    if passing is None:
        return dict(answers.reply(answer).data)
    if "device_code" not in body:  # the first question; nobody looks at a code yet
        raise passing
    return {"error": "slow_down"}
