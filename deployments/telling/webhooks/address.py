"""Which addresses a webhook may have, as far as that can be said without asking anybody."""

from urllib.parse import SplitResult, urlsplit

from deployments.outbound import addresses
from deployments.refused import Refused
from deployments.telling.webhooks.models import LONGEST_URL
from deployments.texts import typed


def checked(url: str, *, is_internal: bool) -> str:
    """As it is kept. Raises Refused, with the form's field.

    What a name stands for is looked at with every attempt, since it can change.
    """
    url = typed(url, most=LONGEST_URL, what="The URL", field="url")
    parts = _parts(url)
    if not url.isascii() or any(each.isspace() for each in url):
        raise Refused(
            "Write what is no plain letter in it percent-encoded, and a host's name in Punycode.", field="url"
        )
    if parts.username is not None or parts.password is not None:
        raise Refused("Leave user and password out: receivers know us by the signature.", field="url")
    if parts.scheme == "http" and not is_internal:
        said = "It begins with http://, so others could read it. Use https://, or say that it is inside your network."
        raise Refused(said, field="url")
    if parts.fragment:
        raise Refused("Leave out # and what follows it: it is never sent.", field="url")
    if refusal := addresses.literal_refusal(parts.hostname or "", public=not is_internal):
        raise Refused(refusal, field="url")
    return url


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises ValueError when it is no number
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Refused("Write a whole address, such as https://hooks.example.com/tealgate.", field="url")
    return parts
