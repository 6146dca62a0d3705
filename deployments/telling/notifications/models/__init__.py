from deployments.telling.notifications.models.address import NotificationAddress
from deployments.telling.notifications.models.channel import NotificationChannel
from deployments.telling.notifications.models.message import Does, Message, MessageStatus
from deployments.telling.notifications.models.notice import Notice
from deployments.telling.notifications.models.preference import NotificationPreference, Pace
from deployments.telling.notifications.models.reminder import GateReminder

__all__ = [
    "Does",
    "GateReminder",
    "Message",
    "MessageStatus",
    "Notice",
    "NotificationAddress",
    "NotificationChannel",
    "NotificationPreference",
    "Pace",
]
