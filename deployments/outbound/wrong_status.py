"""What to do about an answer that was not expected, where what was sent with the check explains it."""

from urllib.parse import urlsplit

import httpx

from deployments.outbound.fetching import Answer, Request
from deployments.outbound.staying import REDIRECTS, led_to


def next_step(request: Request, answer: Answer, *, follows: bool) -> str:
    """In a sentence or two; "" where nothing is known to help."""
    headers, location = httpx.Headers(request.headers), answer.headers.get("location", "")
    if answer.status == 400 and "Host" not in headers:
        return (
            "An application that answers to its own names only says so (Django's ALLOWED_HOSTS): give the check the "
            "header Host with production's name."
        )
    if answer.status not in REDIRECTS or not location:
        return ""
    if location.lower().startswith("https:") and urlsplit(request.url).scheme == "http":
        return _to_https(headers)
    if follows and not led_to(request, answer):
        return "It leads away from the test address, to where another release may answer, and was not followed."
    return ""


def _to_https(headers: httpx.Headers) -> str:
    if headers.get("X-Forwarded-Proto", "").lower() != "https":
        return (
            "It takes the check for plain HTTP, and production is HTTPS: give the check the header X-Forwarded-Proto: "
            "https. An Application Load Balancer puts its listener's own protocol there: behind one, give the test "
            "listener HTTPS, or check a path that is not redirected."
        )
    return (
        "X-Forwarded-Proto: https was sent, and did not get there or is not believed: an Application Load Balancer "
        "puts its listener's own protocol there. Give the test listener HTTPS, or check a path that is not redirected."
    )
