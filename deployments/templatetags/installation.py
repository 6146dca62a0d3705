"""What every page says of the installation that it comes from, the pages of errors included, which have no context."""

from typing import Any

from django import template
from django.conf import settings

register = template.Library()


@register.inclusion_tag("tealgate/not_encrypted.html")
def not_encrypted() -> dict[str, Any]:
    """Nothing behind HTTPS."""
    return {"plain_http": settings.PLAIN_HTTP}
