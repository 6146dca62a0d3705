"""Starts programs from an image's root file system the way an engine would, as children of this process.

A mount namespace of its own, the root read-only, /tmp in memory, volumes bound, then chroot with the image's user,
folder, variables and command. The network is the machine's. Signals go straight to the program.
"""

import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.image.building import Image

#: As ECS and compose.yaml have it: what has not ended then is killed.
STOP_SECONDS = 30
_ENTER = """
set -e
root=$1 user=$2 folder=$3 volumes=$4
shift 4
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
while [ "$volumes" -gt 0 ]; do
    mkdir -p "$root$2"
    mount --bind "$1" "$root$2"
    shift 2
    volumes=$((volumes - 1))
done
mount -o remount,bind,ro "$root"
exec chroot --userspec="$user" "$root" /usr/bin/env -i -C "$folder" "$@"
"""


@dataclass
class Container:
    image: Image
    log: Path
    #: instead of the image's CMD
    command: Sequence[str] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    #: folder here: folder there
    volumes: Mapping[Path, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Container":
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self._words(), stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
            )
        return self

    def run(self, within: float = 120) -> str:
        """To its end, which must be a good one; what it printed."""
        done = subprocess.run(self._words(), capture_output=True, text=True, timeout=within, check=False)
        if done.returncode:
            raise RuntimeError(f"{' '.join(self.command)} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def ask_to_stop(self) -> None:
        if self.is_running:
            self.signal(signal.Signals[self.image.config.get("StopSignal", "SIGTERM")])

    def stop(self) -> int | None:
        """With the image's own signal; how it ended, or None when it was never started."""
        self.ask_to_stop()
        return self.ended()

    def ended(self) -> int | None:
        if self.process is None:
            return None
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def _words(self) -> list[str]:
        config = self.image.config
        command = [*config.get("Entrypoint", []), *(self.command or config.get("Cmd", []))]
        variables = [*config.get("Env", []), *(f"{name}={value}" for name, value in self.variables.items())]
        volumes = [word for here, there in self.volumes.items() for word in (str(here), there)]
        place = [str(self.image.root), config["User"], config.get("WorkingDir") or "/", str(len(self.volumes))]
        return ["unshare", "--mount", "sh", "-c", _ENTER, "container", *place, *volumes, *variables, *command]
