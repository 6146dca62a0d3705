"""What is in a release's bundle for servers: archives as people make them by mistake, and what people read."""

import io
import zipfile
from collections.abc import Callable

import pytest

from deployments.aws import archives
from deployments.frozen import Artefact
from deployments.preflight.report import Level
from sandbox.world.names import REPORTS_BUCKET
from tests.preflight.sandboxed.failures import Failure, is_told
from tests.preflight.sandboxed.scene import Scene

#: A tutorial's own, with a script that nobody packed or that stands elsewhere.
APPSPEC = """version: 0.0
os: linux
files:
  - source: /
    destination: /var/www/html
hooks:
  AfterInstall:
    - location: scripts/set_owner
      timeout: 5
      runas: root
"""
STOPS = APPSPEC + "  ApplicationStop:\n    - location: scripts/stop\n"


def uploaded(archive: bytes) -> Callable[[Scene], None]:
    def make(scene: Scene) -> None:
        s3, key = scene.aws("s3"), f"{scene.name()}.zip"
        made = s3.put_object(Bucket=REPORTS_BUCKET, Key=key, Body=archive)
        scene.undo.callback(s3.delete_object, Bucket=REPORTS_BUCKET, Key=key)
        place = {"type": "S3", "bucket": REPORTS_BUCKET, "key": key, "bundleType": "zip"}
        scene.release = Artefact(version="1.1.0", bundle={**place, "eTag": made["ETag"].strip('"')})

    return make


def _zip(files: dict[str, str]) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        for name, text in files.items():
            opened.writestr(name, text)
    return archive.getvalue()


WHOLE = {"appspec.yml": APPSPEC, "scripts/set_owner": "chown", "index.html": "<h1>Hello</h1>"}
BESIDE = {f"app/{name}": text for name, text in WHOLE.items()} | {"__MACOSX/app/._appspec.yml": ""}


def without(name: str, **changes: str) -> bytes:
    return _zip({each: text for each, text in (WHOLE | changes).items() if each != name})


def told(archive: bytes, check: str, words: str, level: Level = Level.ERROR) -> Failure:
    return Failure(uploaded(archive), "bundle-contents", check, words, "servers", level)


FOUND, SCRIPTS, FILES = "bundle-appspec", "bundle-scripts", "bundle-files"
FAILURES = (
    told(
        without("appspec.yml"),
        FOUND,
        'would end with "did not find an AppSpec file". There are index.html and scripts.',
    ),
    told(_zip(BESIDE), FOUND, "It is at app/appspec.yml. Make the archive inside of the folder"),
    told(_zip({"deploy/appspec.yml": APPSPEC, "index.html": ""}), FOUND, "It is at deploy/appspec.yml."),
    told(_zip({"appspec.yaml": APPSPEC}), FOUND, "has appspec.yaml at its root, but the agent looks for appspec.yml"),
    told(_zip({"appspec.yml": "os: linux"}), FOUND, "would be refused on every instance: its version is missing"),
    told(b"a bundle", FOUND, "is no archive that CodeDeploy could install: it cannot be unpacked as zip (File is not"),
    told(
        without("scripts/set_owner"),
        SCRIPTS,
        "AfterInstall runs scripts/set_owner, which is not in the bundle. CodeDeploy would end with ScriptMissing.",
    ),
    told(
        without("", **{"appspec.yml": STOPS}),
        SCRIPTS,
        "ApplicationStop runs scripts/stop, which is not in the bundle. The deployment after this one, and the",
    ),
    told(
        without("", **{"appspec.yml": APPSPEC.replace("source: /", "source: /html")}),
        FILES,
        "Its files begin with /html, which is not in the bundle: CodeDeploy would end in Install",
    ),
    told(without(""), FOUND, "has appspec.yml at its root.", Level.OK),
    told(without(""), SCRIPTS, "are there: scripts/set_owner (AfterInstall).", Level.OK),
    told(
        _zip({f"app/{name}": text for name, text in WHOLE.items()}),
        FOUND,
        "the folder app around everything is left",
        Level.OK,
    ),
)


@pytest.mark.parametrize("failure", FAILURES, ids=str)
def test_what_is_wrong_with_what_is_in_a_bundle_is_told(failure: Failure, scene: Scene) -> None:
    is_told(failure, scene)


@pytest.mark.parametrize("controller", ["servers"])
def test_a_bundle_that_is_too_large_is_not_looked_into(scene: Scene) -> None:
    uploaded(without("") + bytes(archives.LARGEST))(scene)

    (said,) = scene.look("bundle-contents").results[3:]

    assert (said.check, said.level) == (FOUND, Level.UNKNOWN)
    assert "has more than is looked into (32 MiB)" in said.seen
