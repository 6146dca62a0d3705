"""A message's content in the form of the service that carries it.

Everything in a Content was typed by somebody else, so everything is escaped here, and nobody is called by it: only our
own link is a link. Each form is harmless by itself; none relies on what the service or its library escapes.
"""

from deployments.telling.notifications.rendering.mail import html
from deployments.telling.notifications.rendering.marked import markdown
from deployments.telling.notifications.rendering.plain_text import mail_subject, mail_text, subject, text
from deployments.telling.notifications.rendering.slack import slack_blocks, slack_text
from deployments.telling.notifications.rendering.teams import teams_card

__all__ = [
    "html",
    "mail_subject",
    "mail_text",
    "markdown",
    "slack_blocks",
    "slack_text",
    "subject",
    "teams_card",
    "text",
]
