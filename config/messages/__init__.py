"""`python -m config.messages`: brings the catalogs of messages up to date with the code, and compiles them.

A room's catalog stands in it: `deployments/ROOM/locale/LANGUAGE/LC_MESSAGES/django.po`, with `django.mo` beside it.
"""
