from typing import Any

from deployments.telling.notifications.content import Content
from deployments.telling.notifications.kinds import Kind
from deployments.telling.notifications.models import Does
from deployments.telling.notifications.services import Outgoing
from tests.delivery.engine.world import NOON

FAILED = Content(
    subject="Roll back failed: shop 1.4.2 on production",
    sentences=("AWS answered ModifyRule with AccessDenied.", "Traffic is on both sides."),
    facts=(("Environment", "shop/production"),),
    path="/deployments/deployment/7/change/",
    link_text="Open the deployment",
    tone="bad",
)


def outgoing(url: str, **changes: Any) -> Outgoing:
    return Outgoing(
        **{
            "address_url": url, "content": FAILED, "does": Does.TELL, "thread": "rollback:deployment:7",
            "key": "event:123", "reference": {}, "attempt": 1, "is_internal": True,
            "site_url": "https://tealgate.example.com", "now": NOON, "kind": Kind.ROLLBACK_FAILED, **changes,
        }
    )  # fmt: skip
