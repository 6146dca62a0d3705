"""Asking apprise about an address in a process of its own: web processes stay small, and a hostile one ends in time."""

import json
import subprocess
import sys

from deployments.outbound.messaging.places import Place

SECONDS = 20.0


def look(url: str) -> Place:
    """What it leads to; a refusal where nobody could tell in time."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "deployments.outbound.messaging.places"],
            input=url, capture_output=True, text=True, timeout=SECONDS, check=True,
        )  # fmt: skip
        return Place(**json.loads(done.stdout))
    except (subprocess.SubprocessError, OSError, ValueError):
        return Place(refusal="apprise could not read this address. Look whether something is missing, and try again.")
