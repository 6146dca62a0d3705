"""A Chromium that draws pages and does nothing besides."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

#: The first is what draws pages and nothing around them, for less than half of the processor's time.
PROGRAMS = (
    *("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"),
)

#: What Chromium does besides showing pages: a process in reserve, two pages for the address bar of each window, a new
#: frame for each page and a guess at its language. The last lines are Playwright's own, whose list this one replaces.
UNSEEN = (
    *("SpareRendererForSitePerProcess", "WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "RenderDocument", "Translate"),
    *("OptimizationGuideModelDownloading", "GlobalMediaControls", "AutofillServerCommunication"),
    *("AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades", "LensOverlay"),
    *("HttpsFirstBalancedModeAutoEnable", "MediaRouter", "PaintHolding", "ThirdPartyStoragePartitioning"),
    *("AvoidCorsURLLoaderRestartOnRedirect", "OptimizationHints", "NetworkTimeServiceQuerying", "AimEnabled"),
    "PreconnectToSearch",
)


@contextlib.contextmanager
def launched() -> Iterator[Browser]:
    """Skips the test where there is none."""
    with sync_playwright() as playwright:
        program = _program(playwright)
        if not program:
            pytest.skip("No Chromium: install one, or set CHROMIUM to its path")
        arguments = ["--disable-background-networking", "--disable-gpu", f"--disable-features={','.join(UNSEEN)}"]
        if os.geteuid() == 0:
            arguments.append("--no-sandbox")
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()


def _program(playwright: Playwright) -> str:
    if named := os.environ.get("CHROMIUM"):
        return named
    found = next((path for name in PROGRAMS if (path := shutil.which(name))), "")
    bundled = playwright.chromium.executable_path
    return found or (bundled if Path(bundled).exists() else "")
