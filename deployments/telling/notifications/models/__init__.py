from deployments.telling.notifications.models.address import NotificationAddress
from deployments.telling.notifications.models.channel import NotificationChannel
from deployments.telling.notifications.models.message import Does, Message, MessageStatus
from deployments.telling.notifications.models.notice import Notice
from deployments.telling.notifications.models.preference import NotificationPreference, Pace

__all__ = [
    "Does",
    "Message",
    "MessageStatus",
    "Notice",
    "NotificationAddress",
    "NotificationChannel",
    "NotificationPreference",
    "Pace",
]
