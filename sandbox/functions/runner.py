"""One run of a function: its event comes by standard input, and what it returns goes by standard output.

    runner.py FOLDER MODULE.FUNCTION

What the function prints goes to standard error, as its log. A failure is an answer, too: how it ended is in ``error``.
"""

import importlib
import json
import os
import sys


class Context:
    """The little of Lambda's that hooks look at."""

    aws_request_id = os.environ.get("AWS_REQUEST_ID", "")
    function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "")
    function_version = "$LATEST"
    invoked_function_arn = os.environ.get("AWS_LAMBDA_FUNCTION_ARN", "")


def main() -> None:
    folder, handler = sys.argv[1:]
    answers, sys.stdout = sys.stdout, sys.stderr
    module, _, name = handler.replace("/", ".").rpartition(".")
    sys.path.insert(0, folder)
    try:
        function = getattr(importlib.import_module(module), name)
        told = {"returned": function(json.load(sys.stdin), Context())}
        written = json.dumps(told)
    except Exception as error:
        written = json.dumps({"error": type(error).__name__, "message": str(error)})
    answers.write(written)
    answers.flush()


if __name__ == "__main__":
    main()
