"""Pages as a browser shows them: made before there is one, and served with their scripts and styles."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any, Literal

from django.test import Client
from playwright.sync_api import Browser, Page

from tests.admin.addresses.pages import Address
from tests.admin.addresses.served import site
from tests.browser.pages import CROOKED, CUT_OFF, OVERFLOW, SMALL_BUTTONS, TALL_ROWS

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text()
WIDTHS = (1440, 820, 390)
#: A desk's page at 400 %: nothing is read by scrolling sideways there either (WCAG 1.4.10).
ZOOMED = 320
#: The menu is the same on every page of one person, but for what is new in it.
MENU = "#nav-sidebar"
SAME_MENU = f"{MENU}:not(:has([data-new]))"
#: All rules, among them the one of SIZES that axe leaves out by itself.
WHOLE = {"rules": {"target-size": {"enabled": True}}}
#: What depends on how much a page holds, not only on what.
SIZES = {"runOnly": ["scrollable-region-focusable", "target-size"]}
#: Of a theme nothing differs but its colours.
COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"]}
LOOK = """
([what, how]) => axe.run(what, {resultTypes: ["violations"], preload: false, ...how})
    .then(found => found.violations.flatMap(rule => rule.nodes
        .map(node => `${rule.id}: ${node.html.slice(0, 160)} ${node.failureSummary}`)))
"""
#: What stays in reach covers a part of what is below it, from which one scrolls away.
UNSTUCK = "document.querySelectorAll('.tg-now-place').forEach(place => { place.style.position = 'static'; })"
#: After another width, when scripts have drawn what they draw by it.
DRAWN = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(done))))"
#: Marks each kind of part once: what a style sheet can tell apart, with what is around it. Those that are new.
MARK = """
known => {
    const seen = new Set(known), added = [], kind = e => e ? `${e.localName}.${e.getAttribute("class")}` : "";
    for (const e of document.body.querySelectorAll("*")) {
        let around = "";
        for (let at = e, far = 0; at && far < 4; at = at.parentElement, far++) around += kind(at) + "<";
        if (seen.has(around)) continue;
        seen.add(around);
        added.push(around);
        e.setAttribute("data-new", "");
    }
    return added;
}
"""


def rendered(client: Client, addresses: Iterable[Address]) -> dict[str, Any]:
    """By path, what is a whole page of ours. Swagger's, of the API, is drawn by Swagger."""
    answers = {address.path: client.get(address.path) for address in addresses if not address.path.startswith("/api/")}
    return {path: answer for path, answer in answers.items() if b"<html" in getattr(answer, "content", b"")}


def with_more(pages: Mapping[str, Any], than: Mapping[str, Any]) -> dict[str, Any]:
    """Those that hold what a style sheet can tell apart from all that the others hold, and those before them."""
    known = {kind for answer in than.values() for kind in _kinds(answer)}
    found = {}
    for path, answer in pages.items():
        if more := _kinds(answer) - known:
            found[path] = answer
            known |= more
    return found


def _kinds(answer: Any) -> set[str]:
    return set(re.findall(r'class="([^"]*)"', answer.content.decode()))


@dataclass
class Window:
    """One page in one browser."""

    chromium: Browser
    pages: dict[str, Any]
    #: what the console and scripts complained about
    troubles: list[str] = field(default_factory=list)
    #: kinds of parts that were looked at in every way
    known: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        context = self.chromium.new_context(reduced_motion="reduce", viewport={"width": 1440, "height": 900})
        context.add_init_script(AXE)
        self.page: Page = context.new_page()
        self.page.on("pageerror", lambda error: self.troubles.append(f"{self.page.url}: {error}"))

    def open(self, path: str, until: Literal["load", "domcontentloaded"] = "load") -> None:
        site().page = self.pages[path]
        self.page.goto(f"{site().url}{path}", wait_until=until)

    def faults(self) -> list[str]:
        """What axe finds on the open page, once as a whole, and with each new kind of part in all widths and themes."""
        self.page.evaluate(UNSTUCK)
        self.page.set_viewport_size({"width": WIDTHS[0], "height": 900})
        new = self.page.evaluate(MARK, self.known)
        self.known += new
        found = self._look({"exclude": [[SAME_MENU]]}, WHOLE, f"{WIDTHS[0]} px")
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": 900})
            first = width == WIDTHS[0]  # where the look at the whole was, in light
            if not first:
                found += self._look({"exclude": [[MENU]]}, SIZES, f"{width} px")
            for dark in ((True,) if first else (False, True)) if new else ():
                self.page.evaluate("dark => document.documentElement.classList.toggle('dark', dark)", dark)
                view = f"{width} px, {'dark' if dark else 'light'}"
                found += self._look({"include": [["[data-new]"]]}, COLOURS if dark else {}, view)
            self.page.evaluate("document.documentElement.classList.remove('dark')")
            found += [f"{width} px: {fault}" for fault in self._misfits()]
        self.page.set_viewport_size({"width": ZOOMED, "height": 900})
        self.page.evaluate(DRAWN)
        return found + [f"{ZOOMED} px: {over}" for over in self._sticks_out()]

    def _misfits(self) -> list[str]:
        """What sticks out at the right at this width; on a phone also what a finger misses, and rows too high."""
        found = self._sticks_out()
        narrow = self.page.evaluate("innerWidth") == WIDTHS[-1]
        return found + [
            str(fault) for look in (SMALL_BUTTONS, CROOKED, TALL_ROWS) if narrow for fault in self.page.evaluate(look)
        ]

    def _sticks_out(self) -> list[str]:
        over = self.page.evaluate(OVERFLOW)
        return [*([f"{over} px stick out"] if over > 0 else []), *self.page.evaluate(CUT_OFF)]

    def _look(self, what: dict[str, Any], how: dict[str, Any], view: str) -> list[str]:
        return [f"{view}: {fault}" for fault in self.page.evaluate(LOOK, [what, how])]
