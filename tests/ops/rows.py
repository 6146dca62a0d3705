from datetime import datetime

from django.contrib.auth.models import User

from deployments.catalog.models import Token
from deployments.people.token_words import TokenKind


def make_token(
    *, made_at: datetime, expires_at: datetime, name: str = "shop-ci", kind: str = TokenKind.MACHINE
) -> Token:
    owner = User.objects.get_or_create(username="olivia")[0]
    return Token.objects.create(
        name=name, owner=owner, digest=name, hint="abcd", kind=kind, made_at=made_at, expires_at=expires_at
    )
