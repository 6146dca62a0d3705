"""What CodeDeploy's agent would make of an archive, in bundles as people build them."""

import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable

import pytest

from deployments.aws import errors
from deployments.aws.archives import LARGEST, BadArchive, Contents, TooLarge, contents
from deployments.aws.codedeploy_values import Bundle
from deployments.aws.gateway import BotoGateway
from tests.aws.aws_stubs import Stubs

APPSPEC = "version: 0.0\nos: linux\n"


def zipped(*names: str) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        for name in names:
            opened.writestr(name, APPSPEC if "appspec" in name else "")
    return archive.getvalue()


def tarred(*names: str, mode: str = "w") -> bytes:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode=mode) as opened:  # type: ignore[call-overload]
        for name in names:
            entry = tarfile.TarInfo(name)
            text = (APPSPEC if "appspec" in name else "").encode()
            entry.size = len(text)
            opened.addfile(entry, io.BytesIO(text))
    return archive.getvalue()


def packed(*names: str) -> bytes:
    return tarred(*names, mode="w:gz")


@pytest.mark.parametrize(("build", "kind"), [(zipped, "zip"), (tarred, "tar"), (packed, "tgz"), (packed, "tar")])
def test_an_appspec_at_the_root_is_found_in_every_kind(build: Callable[..., bytes], kind: str) -> None:
    found = contents(build("./appspec.yml", "scripts/set_owner"), kind)

    assert found == Contents(
        files=frozenset({"appspec.yml", "scripts/set_owner"}), appspecs={"appspec.yml": APPSPEC}, left_out=""
    )


@pytest.mark.parametrize(("build", "kind"), [(zipped, "zip"), (packed, "tgz")])
def test_a_folder_around_everything_is_left_out_when_an_appspec_is_in_it(
    build: Callable[..., bytes], kind: str
) -> None:
    found = contents(build("app/appspec.yml", "app/scripts/set_owner"), kind)

    assert (found.left_out, sorted(found.files)) == ("app", ["appspec.yml", "scripts/set_owner"])
    assert found.appspecs == {"appspec.yml": APPSPEC}


@pytest.mark.parametrize(
    "names",
    [
        ("app/appspec.yml", "__MACOSX/app/._appspec.yml"),
        ("a/b/appspec.yml",),
        ("app/index.html", "app/deploy/appspec.yml"),
        ("appspec.yml.d",),
    ],
)
def test_a_folder_is_not_left_out_otherwise(names: tuple[str, ...]) -> None:
    found = contents(zipped(*names), "zip")

    assert not found.left_out and not found.appspecs
    assert found.files == frozenset(names)


def test_paths_are_below_the_bundles_root_however_they_begin() -> None:
    found = contents(zipped("appspec.yml", "scripts/set_owner"), "zip")

    assert found.is_file("/scripts/set_owner") and found.is_file("./scripts/set_owner")
    assert not found.is_file("scripts") and not found.is_file("set_owner")
    assert found.has("/") and found.has("scripts") and not found.has("/html")


@pytest.mark.parametrize(
    ("archive", "kind"),
    [(b"a bundle", "zip"), (b"", "tar"), (b"a bundle", "tgz"), (packed("appspec.yml")[:40], "tgz")],
    ids=("text", "nothing", "no gzip", "cut off"),
)
def test_what_is_no_archive_is_told(archive: bytes, kind: str) -> None:
    with pytest.raises(BadArchive, match=f"it cannot be unpacked as {kind}"):
        contents(archive, kind)


def test_a_folder_that_holds_nothing_is_one_all_the_same() -> None:
    found = contents(zipped("appspec.yml", "logs/"), "zip")
    beside = contents(zipped("app/", "app/appspec.yml", "__MACOSX/"), "zip")
    alone = contents(zipped("app/", "app/appspec.yml", "app/logs/"), "zip")

    assert found.has("/logs") and not found.is_file("logs")
    assert (beside.left_out, beside.appspecs) == ("", {})
    assert (alone.left_out, alone.has("logs")) == ("app", True)


def test_no_more_is_unpacked_than_what_is_looked_into() -> None:
    """A few bytes may be gigabytes."""
    huge = io.BytesIO()
    with tarfile.open(fileobj=huge, mode="w") as opened:
        entry = tarfile.TarInfo("zeros")
        entry.size = 1_000_000
        opened.addfile(entry, io.BytesIO(bytes(entry.size)))

    with pytest.raises(TooLarge):
        contents(gzip.compress(huge.getvalue()), "tgz", most=100_000)


ARCHIVE = {"type": "S3", "bucket": "bundles", "key": "1.zip", "bundleType": "zip", "version": "v1", "eTag": "0123"}


def test_the_same_bytes_are_fetched_once(aws: Stubs, gateway: BotoGateway) -> None:
    wanted = {"Bucket": "bundles", "Key": "1.zip", "VersionId": "v1"}
    aws.add("s3", "get_object", {"Body": io.BytesIO(zipped("appspec.yml"))}, wanted)

    looked = [gateway.bundle_contents(ARCHIVE, Bundle(etag="0123", size=120)) for _ in range(3)]

    assert {found.files for found in looked} == {frozenset({"appspec.yml"})}


def test_a_large_archive_is_not_fetched_and_none_is_read_to_its_end(aws: Stubs, gateway: BotoGateway) -> None:
    with pytest.raises(TooLarge):
        gateway.bundle_contents(ARCHIVE, Bundle(etag="0123", size=LARGEST + 1))

    grown = io.BytesIO(bytes(LARGEST + 2))
    aws.add("s3", "get_object", {"Body": grown}, {"Bucket": "bundles", "Key": "1.zip", "VersionId": "v1"})
    with pytest.raises(TooLarge):
        gateway.bundle_contents(ARCHIVE, Bundle(etag="0123", size=120))


def test_an_archive_that_goes_away_meanwhile_is_told(aws: Stubs, gateway: BotoGateway) -> None:
    aws.refuse("s3", "get_object", "NoSuchKey", "It is gone", 404)

    with pytest.raises(errors.NotFound):
        gateway.bundle_contents(ARCHIVE, Bundle(etag="0123", size=120))
