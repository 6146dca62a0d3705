"""How the admin looks and what its sidebar offers (django-unfold's settings)."""

from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy


def _file(path: str) -> Callable[[HttpRequest], str]:
    """Looked up at request time: the manifest of hashed names is only there after collectstatic."""
    return lambda request: static(path)


def _words(request: HttpRequest) -> str:
    """Its address changes with what it says, and tells strangers no version."""
    return f"{reverse('words')}?{urlencode({'of': _digest_of_words(), 'language': get_language()})}"


@lru_cache
def _digest_of_words() -> str:
    files = sorted(path for folder in settings.LOCALE_PATHS for path in Path(folder).glob("*/LC_MESSAGES/djangojs.mo"))
    return sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]


# The page of the API has django-ninja's scripts. As an app the worker would import it, too, with all of pydantic.
STATICFILES_DIRS = [("ninja", Path(str(find_spec("ninja").origin)).parent / "static" / "ninja")]  # type: ignore[union-attr]

# Teal, between the blue and the green slot, so that neither slot's colour is mistaken for "selected".
_TEAL = {
    "50": "oklch(98.4% .014 185)",
    "100": "oklch(95.3% .045 184)",
    "200": "oklch(91% .085 183)",
    "300": "oklch(85.5% .118 184)",
    "400": "oklch(77.7% .125 186)",
    "500": "oklch(70.4% .118 188)",
    "600": "oklch(53.5% .094 191)",
    "700": "oklch(47% .083 193)",
    "800": "oklch(40.5% .07 195)",
    "900": "oklch(34.5% .056 197)",
    "950": "oklch(25% .045 199)",
}

# Whoever signs in without having asked for a page gets the board.
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

# Where pages come from: ours first, then the theme's, mended.
LOADERS = [
    ("django.template.loaders.cached.Loader", ["django.template.loaders.filesystem.Loader", "config.theme.Loader"])
]
UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Tealgate",
    "SITE_HEADER": "Tealgate",
    "SITE_SUBHEADER": gettext_lazy("Releases for Amazon ECS"),
    "SITE_URL": None,
    "SITE_ICON": _file("tealgate/logo.svg"),
    "SITE_FAVICONS": [
        {"rel": "icon", "sizes": "any", "type": "image/svg+xml", "href": _file("tealgate/logo.svg")},
    ],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_LANGUAGES": True,
    "ENVIRONMENT": "deployments.admin.navigation.installation_label",
    "GLOBAL_CALLBACK": "deployments.admin.navigation.frame",
    "DASHBOARD_CALLBACK": "deployments.admin.board.dashboard",
    "BORDER_RADIUS": "8px",
    "COLORS": {"primary": _TEAL},
    "STYLES": [
        _file("tealgate/base.css"),
        _file("tealgate/parts.css"),
        _file("tealgate/board.css"),
        _file("tealgate/deployment.css"),
        _file("tealgate/gate.css"),
        _file("tealgate/flow.css"),
        _file("tealgate/lists.css"),
        _file("tealgate/setup.css"),
        _file("tealgate/inbox.css"),
        _file("tealgate/palette.css"),
        _file("tealgate/access.css"),
    ],
    "SCRIPTS": [
        _words,
        _file("tealgate/times.js"),
        _file("tealgate/live.js"),
        _file("tealgate/dialogs.js"),
        _file("tealgate/lists.js"),
        _file("tealgate/setup.js"),
        _file("tealgate/inbox.js"),
        _file("tealgate/palette.js"),
        _file("tealgate/access.js"),
    ],
    "ACCOUNT": {"navigation": "deployments.admin.navigation.account_links"},
    "LOGIN": {"image": _file("tealgate/login.svg")},
    "SIDEBAR": {
        "show_search": False,
        "navigation": "deployments.admin.navigation.sidebar",
    },
}
