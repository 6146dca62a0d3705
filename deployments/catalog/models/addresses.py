"""Addresses that everyone who may look sees."""

from urllib.parse import urlsplit

from django.core.exceptions import ValidationError


def no_credentials(url: str) -> None:
    """Raises ValidationError for user:password@host."""
    if "@" in urlsplit(url).netloc:
        raise ValidationError("Leave out the user and the password: everyone who may look sees this address.")
