"""What an address of apprise leads to: one place at one service that is asked by HTTP, and nothing of this machine.

`python -m deployments.outbound.messaging.places` reads an address and prints what it is, as `looking` asks it.
"""

import json
import logging
import sys
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

#: Their libraries read a file of this machine by a path in the address.
_READ_FILES = ("fcm", "vapid")

_OWN_CONNECTIONS = frozenset({"socket", "ssl", "smtplib", "SocketTransport"})


class Unsendable(Exception):
    """Nothing can be sent there; the message is a sentence for people, without the address."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """`refusal`: why nothing is sent there, with all else empty; `url`: as apprise itself writes it."""

    service: str = ""
    url: str = ""
    host: str = ""
    refusal: str = ""


def found(url: str) -> Place:
    try:
        plugin = plugin_of(url, site_url="")
    except Unsendable as why:
        return Place(refusal=str(why))
    host = getattr(plugin, "host", None)
    return Place(service=str(plugin.service_name), url=str(plugin.url()), host=host if isinstance(host, str) else "")


def plugin_of(url: str, *, site_url: str) -> Any:
    """apprise's object for it. Raises Unsendable."""
    import apprise

    logging.getLogger("apprise").disabled = True  # it writes addresses
    try:
        plugin = apprise.Apprise.instantiate(url, asset=_asset(site_url), suppress_exceptions=True)
    except Exception:  # a plugin's own, whatever the address made it stumble over
        plugin = None
    if plugin is None:
        raise Unsendable("apprise does not understand this address. Compare it with that service's page at apprise.")
    if refusal := _refusal(plugin):
        raise Unsendable(refusal)
    return plugin


def _refusal(plugin: Any) -> str:
    if not plugin.enabled or not (_asks_by_http(plugin) or _is_mail(plugin)):
        return f"Tealgate does not send to {plugin.service_name}: only to services that are asked by HTTP, and by mail."
    if _reads_files(plugin):
        return "It names a file, and Tealgate sends nothing of its own machine. Leave that out."
    if len(plugin) != 1:
        return f"It names {len(plugin)} places. Add each as an address of its own, so that none is told twice."
    if not plugin.verify_certificate:
        return "It says not to verify the certificate, which Tealgate always does. Leave verify= out."
    return ""


def _is_mail(plugin: Any) -> bool:
    """Sent by us; what apprise would do besides for it, such as to look for keys, is left out."""
    if not {"mailto", "mailtos"} & set(plugin.schemas()):
        return False
    return not (plugin.cc or plugin.bcc or plugin.user and plugin.secure_mode == "insecure")


def _asks_by_http(plugin: Any) -> bool:
    """And by nothing else: what opens connections of its own goes where it likes, for as long as it likes."""
    kinds = [
        kind.__module__.split(".")[:3] for kind in type(plugin).__mro__
    ]  # apprise.plugins.matrix, with parts below
    modules = [module for name, module in list(sys.modules.items()) if name.split(".")[:3] in kinds]
    names = {name for module in modules for name in vars(module)}
    return "requests" in names and not names & _OWN_CONNECTIONS


def _reads_files(plugin: Any) -> bool:
    from apprise import AppriseAttachment

    named = any(isinstance(value, AppriseAttachment) and len(value) for value in vars(plugin).values())
    return named or any(schema in _READ_FILES for schema in plugin.schemas())


@cache
def _asset(site_url: str) -> Any:
    from apprise import AppriseAsset, PersistentStoreMode

    return AppriseAsset(
        app_id="Tealgate", app_desc="Tealgate", app_url=site_url, image_url_mask="", image_url_logo="",
        async_mode=False, http_redirects=False, pgp_autogen=False, pem_autogen=False,
        secure_logging=True, storage_mode=PersistentStoreMode.MEMORY, allow_templates=False,
    )  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(asdict(found(sys.stdin.read()))))
