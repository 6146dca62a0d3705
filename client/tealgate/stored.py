"""What is remembered between two commands, readable by nobody else: who signed in, and a job's token.

A CI's ID token is good once, and a job types several commands. So what it was exchanged for is kept under its hash:
whoever does not have the ID token finds nothing.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tealgate.endings import Refused


@dataclass(frozen=True)
class Login:
    url: str
    token: str = field(repr=False)
    #: as Tealgate wrote it (ISO 8601)
    expires_at: str = ""


def load(environ: Mapping[str, str] = os.environ) -> Login | None:
    """None when nobody signed in. Raises Refused when it cannot be read."""
    return _read(_folder(environ) / "login.json")


def save(login: Login, environ: Mapping[str, str] = os.environ) -> Path:
    """Raises Refused when it cannot be written."""
    place = _folder(environ) / "login.json"
    try:
        return _write(place, login)
    except OSError as error:
        raise Refused(f"{place} cannot be written ({error}), so nobody was signed in.") from error


def forget(environ: Mapping[str, str] = os.environ) -> None:
    (_folder(environ) / "login.json").unlink(missing_ok=True)


def of_job(url: str, id_token: str, environ: Mapping[str, str] = os.environ) -> Login | None:
    """What this ID token was exchanged for at this address."""
    return _read(_job(url, id_token, environ))


def keep_for_job(login: Login, id_token: str, environ: Mapping[str, str] = os.environ) -> None:
    """Where nothing can be written, the next command of the job says so by being refused."""
    try:
        _write(_job(login.url, id_token, environ), login)
    except OSError:
        return


def _job(url: str, id_token: str, environ: Mapping[str, str]) -> Path:
    return _folder(environ) / f"job-{hashlib.sha256(f'{url} {id_token}'.encode()).hexdigest()[:32]}.json"


def _folder(environ: Mapping[str, str]) -> Path:
    config = environ.get("XDG_CONFIG_HOME")
    return (Path(config) if config else Path.home() / ".config") / "tealgate"


def _read(place: Path) -> Login | None:
    try:
        said = json.loads(place.read_text("utf-8"))
        return Login(url=str(said["url"]), token=str(said["token"]), expires_at=str(said["expires_at"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Refused(f"{place} cannot be read ({error}). Remove it, and sign in again.") from error


def _write(place: Path, login: Login) -> Path:
    """Never there with other rights or half written: it is made anew, then moved to its place."""
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = place.with_suffix(f".{os.getpid()}")
    with open(
        os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "w", encoding="utf-8"
    ) as file:
        json.dump(asdict(login), file)
    os.replace(new, place)
    return place
