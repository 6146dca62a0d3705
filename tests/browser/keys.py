"""Somebody without a mouse: each press of Tab has to be seen on the page, and reach something."""

from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

#: What is wrong with where the focus is; "" where a person sees it.
FOCUS = """
() => {
    const e = document.activeElement, called = e.outerHTML.slice(0, 160);
    if (e === document.body) return "The focus is lost";
    const ring = style => style.outlineStyle !== "none" || style.boxShadow !== "none";
    if (![null, "::after"].some(part => ring(getComputedStyle(e, part)))) return `Nothing shows the focus on ${called}`;
    const at = e.getClientRects()[0];
    const [x, y] = [at.left + Math.min(at.width / 2, 40), at.top + Math.min(at.height / 2, 20)];
    const top = document.elementFromPoint(x, y);
    if (!top) return `Outside of the window: ${called}`;
    const isSeen = e.contains(top) || top.contains(e) || e.labels?.[0]?.contains(top);
    return isSeen ? "" : `${top.outerHTML.slice(0, 90)} covers ${called}`;
}
"""
#: Somebody who works without a mouse for a whole page presses it often; more is a page that does not end.
MOST = 120


@dataclass
class Keys:
    page: Page
    presses: int = 0

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.presses += 1

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def skip_the_menu(self) -> None:
        self.press("Tab")
        expect(self.page.get_by_role("link", name="Skip to the content")).to_be_focused()
        self.press("Enter")
        expect(self.page.get_by_role("main")).to_be_focused()

    def to(self, wanted: Locator) -> None:
        """Press Tab until it has the focus; at every stop one sees where one is."""
        expect(wanted).to_be_visible()
        for _ in range(MOST):
            self.press("Tab")
            fault = self.page.evaluate(FOCUS)
            assert not fault, f"{fault} at {self.page.url}"
            if wanted.evaluate("element => element === document.activeElement"):
                return
        raise AssertionError(f"Tab does not reach {wanted}")

    def enter(self, wanted: Locator, seen: str) -> None:
        """Press it, and wait for what is seen then."""
        self.to(wanted)
        self.press("Enter")
        expect(self.page.get_by_text(seen).first).to_be_visible()

    def pick(self, select: Locator, option: str) -> None:
        """By the first letters of what it offers."""
        self.to(select)
        self.type(option)
        expect(select.locator("option:checked")).to_contain_text(option)
