"""Give a story that failed among others one more try with nothing beside it, and name it.

The stories drive real processes against clocks that run 50 times as fast as AWS's; a machine that stands still for
two seconds between them has, for the story, lost two minutes. A file is one story, since its tests share a sandbox and
what one left behind may have failed the next: all of it is run again. A test without processes gets no second try, nor
does anything when more than a few files failed: then it is not the machine. It may be
given the folder in which pytest keeps what failed.
"""

import json
import subprocess
import sys
from pathlib import Path

CACHE = ".pytest_cache"
WITH_PROCESSES = (
    "bench", "browser", "config", "demo", "flows", "image", "infra", "management", "preflight/sandboxed", "recipes",
    "sandbox",
)  # fmt: skip
AT_MOST = 4


def main(cache: str = CACHE) -> int:
    kept = Path(cache, "v/cache/lastfailed")
    failed = sorted(json.loads(kept.read_text())) if kept.exists() else []
    files = list(dict.fromkeys(test.partition("::")[0] for test in failed))
    steady = [file for file in files if not file.startswith(tuple(f"tests/{each}/" for each in WITH_PROCESSES))]
    if not files or steady or len(files) > AT_MOST:
        print(f"No second try: {len(failed)} failed in {len(files)} files, {len(steady)} of these without processes.")
        return 1
    print("UNSTEADY, their files are tried once more alone:", *failed, sep="\n  ", flush=True)
    again = [sys.executable, "-m", "pytest", "-p", "no:randomly", "-o", f"cache_dir={cache}", *files]
    return subprocess.call(again)  # noqa: S603 - names that pytest wrote


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
