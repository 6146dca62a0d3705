"""As a mail in HTML: tables and inline styles, since mail programs know little else. No picture, and one link."""

from urllib.parse import urlsplit

from django.template.loader import render_to_string

from deployments.languages.told import told
from deployments.telling.notifications.content import Content
from deployments.telling.notifications.rendering import parts

#: Where a narrow column may: else shop/production breaks in the middle of a word.
_MAY_BREAK = "\N{ZERO WIDTH SPACE}"


def html(content: Content, site_url: str) -> str:
    """The template escapes everything."""
    return render_to_string(
        "notifications/mail.html",
        {
            "subject": parts.subject(content),
            "tone": content.tone,
            "sentences": parts.sentences(content),
            "facts": [(label.replace("/", f"/{_MAY_BREAK}"), value) for label, value in parts.facts(content)],
            "lists": parts.lists(content),
            "log": parts.log(content),
            "link": parts.link(content, site_url),
            "link_text": parts.link_text(content),
            "log_title": parts.log_title(content),
            "language": content.language,
            "footer": told(_footer(urlsplit(site_url).netloc), content.language),
        },
    )


def _footer(host: str) -> str:
    return f"Tealgate at {host} wrote this because you are to be told of it. What you are told is chosen there."
