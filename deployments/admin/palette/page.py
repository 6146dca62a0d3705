"""The door: what was typed, answered as a page, or as the part of one that the palette shows."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from deployments.admin.navigation import account_links, sidebar
from deployments.admin.palette import acting, finding
from deployments.admin.palette.asking import LONGEST, all_fit
from deployments.admin.palette.entries import Entry, Group, Section, ranked
from deployments.admin.palette.places import Asked
from deployments.languages.told import told


def page(request: HttpRequest) -> HttpResponse:
    """Of `s`. With `part`, only what is found."""
    asked = Asked(request, request.GET.get("s", "").strip()[:LONGEST])
    context = {"asked": asked.text, "sections": sections(asked), "kinds": finding.kinds(asked)}
    if "part" in request.GET:
        return TemplateResponse(request, "admin/palette/found.html", context)
    from django.contrib import admin  # the site is made by the time that somebody asks

    context |= {**admin.site.each_context(request), "title": told("Search")}
    return TemplateResponse(request, "admin/palette/page.html", context)


def sections(asked: Asked) -> tuple[Section, ...]:
    if not asked.words:
        return ranked((*acting.proposed(asked), *_pages(asked)))
    return ranked((*acting.actions(asked), *finding.found(asked), *_pages(asked)))


def _pages(asked: Asked) -> Iterator[Entry]:
    """What the menus lead to."""
    for group in sidebar(asked.request):
        for item in group["items"]:
            yield from _page(asked, item, group.get("title", ""))
    for item in account_links(asked.request):
        yield from _page(asked, {**item, "icon": "account_circle"}, told("Yours"))


def _page(asked: Asked, item: Mapping[str, Any], where: str) -> Iterator[Entry]:
    if (score := all_fit(asked.words, (item["title"], item["name"]))) or not asked.words:
        yield Entry(group=Group.PAGES, title=item["title"], hint=where, link=item["link"], icon=item["icon"],
                    score=score)  # fmt: skip
