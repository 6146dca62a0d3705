"""The pages on which people say what they and their teams are told, and where."""

from deployments.admin.notifications import addresses, channels, messages

__all__ = ["addresses", "channels", "messages"]
