"""What `tealgate login` remembers: an address, and a person's token for it, readable by nobody else."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from tealgate.endings import Refused


@dataclass(frozen=True)
class Login:
    url: str
    token: str
    #: as Tealgate wrote it (ISO 8601)
    expires_at: str = ""


def path(environ: Mapping[str, str] = os.environ) -> Path:
    config = environ.get("XDG_CONFIG_HOME")
    return (Path(config) if config else Path.home() / ".config") / "tealgate" / "login.json"


def load(environ: Mapping[str, str] = os.environ) -> Login | None:
    """None when nobody signed in. Raises Refused when it cannot be read."""
    try:
        said = json.loads(path(environ).read_text("utf-8"))
        return Login(url=str(said["url"]), token=str(said["token"]), expires_at=str(said["expires_at"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Refused(f"{path(environ)} cannot be read ({error}). Remove it, then `tealgate login` again.") from error


def save(login: Login, environ: Mapping[str, str] = os.environ) -> Path:
    """Never there with other rights or half written: it is made anew, then moved to its place."""
    place = path(environ)
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = place.with_suffix(f".{os.getpid()}")
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(asdict(login), file)
    os.replace(new, place)
    return place


def forget(environ: Mapping[str, str] = os.environ) -> None:
    path(environ).unlink(missing_ok=True)
