"""A few requests a second against the shop, so that weights, error shares and alarms have something to show.

python -m demo.traffic URL [REQUESTS_PER_SECOND]
"""

import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

SUMMARY_SECONDS = 60


def main() -> None:
    url = sys.argv[1]
    pause = 1 / float(sys.argv[2]) if len(sys.argv) > 2 else 0.2
    seen: Counter[str] = Counter()
    summary_at = time.monotonic() + SUMMARY_SECONDS
    next_at = time.monotonic()
    # Answers may be slow: the next request does not wait for the last one's.
    with ThreadPoolExecutor(8) as pool:
        while True:
            pool.submit(_request, url, seen)
            next_at = max(next_at + pause, time.monotonic())
            time.sleep(max(next_at - time.monotonic(), 0))
            if time.monotonic() >= summary_at:
                summary_at += SUMMARY_SECONDS
                _tell(seen)


def _request(url: str, seen: Counter[str]) -> None:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - an http address of this machine
            seen[f"{answer.headers.get('X-Version', '?')} ok"] += 1
    except urllib.error.HTTPError as error:
        seen[f"{error.headers.get('X-Version', '?')} {error.code}"] += 1
    except OSError:
        seen["no answer"] += 1


def _tell(seen: Counter[str]) -> None:
    parts = ", ".join(f"{count} x {what}" for what, count in sorted(seen.items()))
    print(f"last minute, requests by version and answer: {parts}", flush=True)
    seen.clear()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(0)
