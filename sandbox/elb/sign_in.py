"""authenticate-oidc and authenticate-cognito: what AWS refuses, and what it keeps to itself.

Nobody signs in on one machine, so a client secret is looked at once and then forgotten: it is in no answer.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from moto.elbv2.exceptions import ELBClientError

AUTHENTICATES = ("authenticate-oidc", "authenticate-cognito")
CONFIG = "AuthenticateOidcConfig"
ONLY_HTTPS = "Actions of type '{kind}' are supported only on HTTPS listeners"
TWO_SECRETS = "You cannot both specify a client secret and set UseExistingClientSecret to true"
NO_SECRET = "A client secret must be specified"


def kept(actions: Sequence[dict[str, Any]], protocol: str, before: Iterable[Any] = ()) -> list[dict[str, Any]]:
    """The actions as they may be shown. ``before`` are moto's actions that these take the place of."""
    check_protocol((str(action.get("Type")) for action in actions), protocol)
    has_secret = any(action.type == "authenticate-oidc" for action in before)
    return [_without_secret(action, has_secret) for action in actions]


def check_protocol(kinds: Iterable[str], protocol: str) -> None:
    for kind in kinds:
        if kind in AUTHENTICATES and protocol != "HTTPS":
            raise ELBClientError("InvalidLoadBalancerAction", ONLY_HTTPS.format(kind=kind))


def _without_secret(action: dict[str, Any], has_secret: bool) -> dict[str, Any]:
    if action.get("Type") != "authenticate-oidc":
        return action
    config = dict(action.get(CONFIG) or {})
    secret = config.pop("ClientSecret", None)
    existing = str(config.pop("UseExistingClientSecret", False)).lower() == "true"
    if secret and existing:
        raise ELBClientError("InvalidLoadBalancerAction", TWO_SECRETS)
    if not secret and not (existing and has_secret):
        raise ELBClientError("InvalidLoadBalancerAction", NO_SECRET)
    return {**action, CONFIG: config}
