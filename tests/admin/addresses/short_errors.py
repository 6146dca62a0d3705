"""The site's addresses, and Django's own short words for whoever may not or finds nothing.

The site's pages for these have its whole menu, and would be drawn a thousand times here. They are opened by
`test_error_pages.py`.
"""

from config.urls import urlpatterns

__all__ = ["urlpatterns"]

handler403 = "django.views.defaults.permission_denied"
handler404 = "django.views.defaults.page_not_found"
