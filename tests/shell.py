"""`python -m tests.shell`: the project's shell for a program. Starting one takes longer than what is done in it.

Each line of standard input is a JSON string of Python code; each line of standard output is a JSON object with what
that code `printed`, or the `error` that ended it. It ends when standard input does.
"""

import contextlib
import gc
import io
import json
import os
import sys
import traceback

import django
from django.db import connections


def main() -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever else writes to standard output goes to the log
    gc.disable()  # as manage.py does
    django.setup()
    for line in sys.stdin:
        answers.write(json.dumps(run(json.loads(line))) + "\n")
        answers.flush()


def run(code: str) -> dict[str, str]:
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            exec(code, {"__name__": "shell"})  # noqa: S102 - that is what a shell is
    except Exception:
        return {"error": traceback.format_exc()}
    finally:
        connections.close_all()
    return {"printed": printed.getvalue()}


if __name__ == "__main__":
    main()
