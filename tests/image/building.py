"""Builds the project's own Dockerfiles with buildah, without a container engine and without a registry.

The bases are made by debootstrap from Debian's packages and given as BASE_IMAGE; `TEALGATE_BASE_IMAGE` and
`TEALGATE_NGINX_BASE_IMAGE` name others, such as those that the Dockerfiles name themselves. Wheels are fetched by
this Python's own pip, however it is configured, and handed to the build in a folder. All of it is kept under
build/image: what did not change is not built again.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / "build" / "image"
SUITE, MIRROR = "bookworm", "http://deb.debian.org/debian"
#: of the bases; the second is for nginx/Dockerfile
PACKAGES = {
    "python": ("python3", "python3-venv", "ca-certificates"),
    "nginx": ("nginx-light", "gettext-base"),
}
NAMED = {"python": "TEALGATE_BASE_IMAGE", "nginx": "TEALGATE_NGINX_BASE_IMAGE"}
PROGRAMS = ("buildah", "debootstrap")
_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"


def missing() -> str:
    """What this machine lacks for building, in words; "" when it lacks nothing."""
    if os.geteuid() != 0:
        return "Building an image needs root here: sudo make test-image"
    lacking = [name for name in PROGRAMS if not shutil.which(name, path=_PATH)]
    return f"Install {' and '.join(lacking)}" if lacking else ""


@dataclass(frozen=True)
class Image:
    name: str
    #: the image's own settings, as the OCI names them: Env, User, Cmd, Entrypoint, StopSignal ...
    config: dict[str, Any]
    root: Path

    @property
    def mebibytes(self) -> float:
        """Of all its files: what is unpacked on the host that runs it."""
        used = subprocess.check_output(["du", "-sxB1", str(self.root)], text=True)
        return int(used.split()[0]) / 2**20


def tealgate() -> Image:
    python = base("python")
    fetched = wheels(python)
    pip = HOME / "pip.conf"
    pip.write_text("[global]\nno-index = true\nfind-links = /wheels\n")
    files = [
        ROOT / "Dockerfile",
        *listed("requirements.lock", "manage.py", "config", "deployments", "templates", "certificates"),
    ]
    options = ("--secret", f"id=pip,src={pip}", "--volume", f"{fetched}:/wheels:ro")
    return _built("tealgate", python, ROOT, files, options)


def nginx() -> Image:
    return _built("tealgate-nginx", base("nginx"), ROOT / "nginx", listed("nginx"))


def buildah(*words: str) -> str:
    HOME.mkdir(parents=True, exist_ok=True)
    storage = ("--root", str(HOME / "storage"), "--runroot", str(HOME / "run"), "--storage-driver", "vfs")
    return _run(["buildah", *storage, *words])


def _built(name: str, base: str, context: Path, files: Sequence[Path], options: Sequence[str] = ()) -> Image:
    tag = f"localhost/{name}:{_fingerprint(base, files)}"
    if not _exists(tag):
        _forget(name)
        given = ("--isolation", "chroot", "--pull-never", "--build-arg", f"BASE_IMAGE={base}")
        buildah("build", *given, *options, "--tag", tag, str(context))
    return _mounted(name, tag)


def _mounted(name: str, tag: str) -> Image:
    container = f"{name}-{tag.rpartition(':')[2]}"
    if container not in _containers():
        buildah("from", "--pull-never", "--name", container, tag)
    config = json.loads(buildah("inspect", "--type", "image", tag))["OCIv1"]["config"]
    return Image(tag, config, Path(buildah("mount", container).strip()))


def base(kind: str) -> str:
    """The name of an image to build on."""
    if named := os.environ.get(NAMED[kind]):
        buildah("pull", named)
        return named
    packages = ",".join(PACKAGES[kind])
    tag = f"localhost/base-{kind}:{SUITE}-{hashlib.sha256(packages.encode()).hexdigest()[:12]}"
    if not _exists(tag):
        root = HOME / f"debootstrap-{kind}"
        shutil.rmtree(root, ignore_errors=True)
        kept = HOME / "packages"
        kept.mkdir(parents=True, exist_ok=True)
        _run(["debootstrap", "--variant=minbase", f"--cache-dir={kept}", f"--include={packages}", SUITE,
              str(root), MIRROR])  # fmt: skip
        for leftover in ("var/cache/apt", "var/lib/apt/lists", "usr/share/doc", "usr/share/man", "var/log"):
            shutil.rmtree(root / leftover, ignore_errors=True)
            (root / leftover).mkdir(parents=True)
        container = buildah("from", "scratch").strip()
        buildah("add", container, str(root), "/")
        buildah("commit", "--rm", container, tag)
        shutil.rmtree(root)
    return tag


def wheels(base: str) -> Path:
    """The files that requirements.lock names, for the Python of the base: others have no place in the image."""
    show = 'import sys; print("%d.%d" % sys.version_info[:2])'
    container = buildah("from", "--pull-never", base).strip()
    try:
        version = buildah("run", "--isolation", "chroot", container, "--", "python3", "-c", show).strip()
    finally:
        buildah("rm", container)
    wheels = HOME / f"wheels-{version}-{_fingerprint('', [ROOT / 'requirements.lock'])}"
    if not (wheels / ".complete").exists():
        shutil.rmtree(wheels, ignore_errors=True)
        wheels.mkdir(parents=True)
        _run([sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--only-binary=:all:",
              f"--python-version={version}", "--dest", str(wheels), "--require-hashes",
              "-r", str(ROOT / "requirements.lock")])  # fmt: skip
        (wheels / ".complete").touch()
    return wheels


def listed(*names: str) -> list[Path]:
    """What git would commit of these, so that a working copy's leftovers change nothing."""
    words = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", *names]
    listed = subprocess.check_output(words, cwd=ROOT, text=True)
    return [path for name in listed.split("\0") if name and (path := ROOT / name).exists()]


def _fingerprint(base: str, files: Sequence[Path]) -> str:
    seen = hashlib.sha256(base.encode())
    for path in sorted(files):
        seen.update(f"{path.relative_to(ROOT)} {path.stat().st_mode:o} ".encode())
        seen.update(path.read_bytes())
    return seen.hexdigest()[:16]


def _exists(tag: str) -> bool:
    return tag in buildah("images", "--format", "{{.Name}}:{{.Tag}}").split()


def _containers() -> list[str]:
    return buildah("containers", "--format", "{{.ContainerName}}").split()


def _forget(name: str) -> None:
    """Earlier builds of this image, with the containers made of them."""
    for container in _containers():
        if container.startswith(f"{name}-") and container.removeprefix(f"{name}-").isalnum():
            buildah("rm", container)
    for tag in buildah("images", "--format", "{{.Name}}:{{.Tag}}").split():
        if tag.startswith(f"localhost/{name}:"):
            buildah("rmi", "--force", tag)


def _run(command: list[str]) -> str:
    # Debian's packages and this Python's pip are configured by the machine; the images are to know nothing of it.
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "PATH": _PATH}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}:\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
    return done.stdout
