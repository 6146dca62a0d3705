"""The agent on an instance: commands on standard input, answers on standard output.

One JSON object a line each way. It ends when its standard input closes, because then the sandbox is gone, and takes
along everything that scripts have started: that carries the instance's name in its environment.

    {"id", "do": "unpack", "archive", "kind", "to"}           -> {"appspec": text or null}
    {"id", "do": "install", "from", "root", "files", "permissions", "exists", "ours"} -> {"installed": [...]}
    {"id", "do": "run", "script", "runas", "sudo", "timeout", "environment"} -> {"code" or "problem", "log": [...]}

An answer with "error" is a failure in the agent's own words.
"""

import json
import os
import sys
import threading
from typing import Any

from sandbox.codedeploy.server.machine.archives import unpack
from sandbox.codedeploy.server.machine.ending import MARK, end_everything
from sandbox.codedeploy.server.machine.files import install
from sandbox.codedeploy.server.machine.scripts import run

VERBS = {"unpack": unpack, "install": install, "run": run}


def main() -> None:
    lines: list[str] = []
    arrived = threading.Condition()

    def read() -> None:
        for line in sys.stdin:
            with arrived:
                lines.append(line)
                arrived.notify()
        end_everything(os.environ["INSTANCE_ROOT"], os.environ[MARK])

    threading.Thread(target=read, daemon=True).start()
    while True:
        with arrived:
            arrived.wait_for(lambda: lines)
            command: dict[str, Any] = json.loads(lines.pop(0))
        try:
            answer = VERBS[command["do"]](command)
        except Exception as error:
            answer = {"error": f"{error}" or type(error).__name__}
        print(json.dumps({"id": command["id"], **answer}), flush=True)
