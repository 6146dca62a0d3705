"""Tealgate's pages, and beside them those that only the demo has."""

from django.urls import path

from config.urls import handler403, handler404
from config.urls import urlpatterns as of_tealgate
from demo.mail import pages

__all__ = ["handler403", "handler404", "urlpatterns"]

urlpatterns = [
    path("demo/inbox/", pages.inbox, name="demo-inbox"),
    path("demo/inbox/<int:number>/", pages.letter, name="demo-letter"),
    path("demo/inbox/<int:number>/html/", pages.as_html, name="demo-letter-html"),
    *of_tealgate,
]
