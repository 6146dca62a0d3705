"""The services that a page offers by name. What is typed for one becomes an address; nothing is asked of anybody."""

from collections.abc import Mapping

from deployments.admin.notifications.picking.chats import CHATS
from deployments.admin.notifications.picking.on_call import ON_CALL
from deployments.admin.notifications.picking.others import EMAIL, OTHERS
from deployments.admin.notifications.picking.service import Asked, Service

#: By their key, in the order in which they are offered.
SERVICES: Mapping[str, Service] = {each.key: each for each in (EMAIL, *CHATS, *ON_CALL, *OTHERS)}

__all__ = ["SERVICES", "Asked", "Service"]
