"""Any program as a container: started as its image says, ended when the task or the sandbox ends.

    program.py HOST PORT COMMAND ...

``{host}`` and ``{port}`` in the command stand for the task's address. SIGTERM is handed on, the exit code handed back.
The program knows nothing of the sandbox, so this one watches the standard input for it: when that closes, the sandbox
is gone and the program is killed.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading


def main() -> None:
    host, port, *command = sys.argv[1:]
    words = [word.replace("{host}", host).replace("{port}", port) for word in command]
    child = subprocess.Popen(words, stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=_die_with_parent)
    signal.signal(signal.SIGTERM, lambda number, frame: child.terminate())
    threading.Thread(target=_end_with_the_sandbox, args=(child,), daemon=True).start()
    code = child.wait()
    sys.exit(128 - code if code < 0 else code)


def _die_with_parent() -> None:
    """SIGKILL to the container is SIGKILL to its program, on Linux."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def _end_with_the_sandbox(child: "subprocess.Popen[bytes]") -> None:
    while os.read(0, 4096):
        pass
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        return


if __name__ == "__main__":
    main()
