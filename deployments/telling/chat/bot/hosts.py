"""Where a bot speaks to: an activity says its address, and the bot's token goes there. So only to hosts that are named.

Names are compared whole: anybody can have one below trafficmanager.net.
"""

import re
from urllib.parse import urlsplit

from django.conf import settings

from deployments.outbound.fetching import is_loopback

LONGEST = 300
#: What is read here and what is asked are two readers' work: they differ over spaces, backslashes and other letters.
_PLAIN = re.compile(r"[!-\[\]-~]*")


def refusal(service_url: str) -> str:
    """Why nothing is said there, in a sentence; "" when it is."""
    if not _PLAIN.fullmatch(service_url):
        return "Its service's address is none."
    try:
        parts = urlsplit(service_url)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        return "Its service's address is none."
    if not host or parts.username is not None or parts.query or parts.fragment or len(service_url) > LONGEST:
        return "Its service's address is none."
    if is_tried_out(service_url):
        return ""
    if parts.scheme != "https" or port not in (None, 443) or host not in settings.TEAMS_HOSTS:
        return f"Its service is at {host[:100]}, which TEAMS_HOSTS does not name."
    return ""


def is_tried_out(service_url: str) -> bool:
    """On this machine, by a setting that says so."""
    parts = urlsplit(service_url)
    return is_loopback(parts.hostname or "") and f"{parts.scheme}://{parts.netloc}" in settings.TEAMS_HOSTS
