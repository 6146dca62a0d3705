import json
from collections.abc import Iterator

import pytest

from deployments.outbound import registry as client
from deployments.outbound.images import Reference
from deployments.outbound.registry import Credential, ImageError, Kind, resolve
from tests.outbound.registry_server import PASSWORD, USER, Registry, basic, digest_of, serving


@pytest.fixture
def registry() -> Iterator[Registry]:
    with serving(Registry()) as registry:
        yield registry


def reference(registry: Registry, rest: str = "team/app:1.0") -> Reference:
    return Reference.parse(f"{registry.host}/{rest}")


def credential(registry: Registry, password: str = PASSWORD) -> Credential:
    return Credential(host=registry.host, username=USER, password=password)


def error(registry: Registry, rest: str = "team/app:1.0", credential: Credential | None = None) -> ImageError:
    with pytest.raises(ImageError) as caught:
        resolve(reference(registry, rest), credential)
    assert str(caught.value).endswith(".")
    return caught.value


def test_a_tag_is_resolved_to_the_digest_of_the_manifest(registry: Registry) -> None:
    digest = registry.push("1.0", architecture="arm64")

    image = resolve(reference(registry))

    assert image.pinned == f"{registry.host}/team/app@{digest}"
    assert (image.tag, image.platforms) == ("1.0", ("linux/arm64",))


def test_a_digest_is_resolved_to_itself(registry: Registry) -> None:
    digest = registry.push("1.0")

    assert resolve(reference(registry, f"team/app@{digest}")).digest == digest


def test_an_index_lists_its_platforms_without_the_attestations(registry: Registry) -> None:
    registry.push_index("1.0", ("linux", "amd64"), ("linux", "arm64"), ("unknown", "unknown"), ("unknown", "unknown"))

    assert resolve(reference(registry)).platforms == ("linux/amd64", "linux/arm64")


def test_a_token_is_fetched_for_everyone_when_the_registry_wants_one(registry: Registry) -> None:
    registry.auth = "token"
    registry.push("1.0")

    assert resolve(reference(registry)).platforms == ("linux/amd64",)
    assert ("/token?scope=repository%3Ateam%2Fapp%3Apull&service=tests", "") in registry.seen


@pytest.mark.parametrize("auth", ["basic", "private"])
def test_a_private_image_is_shown_to_its_credential(registry: Registry, auth: str) -> None:
    registry.auth = auth
    registry.push("1.0")

    assert resolve(reference(registry), credential(registry)).digest.startswith("sha256:")


@pytest.mark.parametrize("auth", ["basic", "private"])
def test_a_private_image_without_credential_says_what_to_do(registry: Registry, auth: str) -> None:
    registry.auth = auth

    refused = error(registry)

    assert refused.kind is Kind.REFUSED
    assert "private, or does not exist" in str(refused)


@pytest.mark.parametrize("auth", ["basic", "private"])
def test_a_wrong_password_is_refused_without_being_repeated(registry: Registry, auth: str) -> None:
    registry.auth = auth

    refused = error(registry, credential=credential(registry, "guess"))

    assert refused.kind is Kind.REFUSED
    assert USER in str(refused) and "guess" not in str(refused)


def test_a_credential_for_another_registry_is_not_sent(registry: Registry) -> None:
    registry.auth = "basic"
    elsewhere = Credential(host="registry.example.com", username=USER, password=PASSWORD)

    error(registry, credential=elsewhere)

    assert {authorization for _, authorization in registry.seen} == {""}


def test_a_token_service_elsewhere_without_https_gets_nothing(registry: Registry) -> None:
    with serving(Registry()) as thief:
        registry.auth, registry.realm = "private", f"http://{thief.host}/token"

        assert "without https" in str(error(registry, credential=credential(registry)))
    assert thief.seen == []


def test_a_redirected_blob_is_fetched_without_the_credential(registry: Registry) -> None:
    registry.auth = "basic"
    with serving(Registry()) as storage:
        registry.redirect = f"http://{storage.host}"
        registry.push("1.0")
        storage.blobs = registry.blobs

        assert resolve(reference(registry), credential(registry)).platforms == ("linux/amd64",)
    assert [authorization for _, authorization in storage.seen] == [""]
    assert registry.seen[-1][1] == basic()


def test_a_redirect_to_plain_http_elsewhere_is_not_followed(registry: Registry) -> None:
    registry.push("1.0")
    registry.redirect = "http://storage.example.com"

    assert "without https" in str(error(registry))


def test_an_unknown_tag_is_named(registry: Registry) -> None:
    registry.push("1.0")

    unknown = error(registry, "team/app:2.0")

    assert unknown.kind is Kind.UNKNOWN_TAG
    assert "has no tag 2.0" in str(unknown)


def test_an_unknown_repository_is_named(registry: Registry) -> None:
    unknown = error(registry, "team/typo:1.0")

    assert unknown.kind is Kind.UNKNOWN_REPOSITORY
    assert "team/typo" in str(unknown)


def test_a_registry_that_does_not_answer_times_out(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "TOTAL_SECONDS", 0.2)
    registry.silent = True

    assert error(registry).kind is Kind.TIMED_OUT


def test_a_claimed_digest_must_be_the_manifests_own(registry: Registry) -> None:
    registry.push("1.0")
    registry.lie = digest_of(b"something else")

    assert error(registry).kind is Kind.WRONG_DIGEST


def test_the_manifest_must_be_the_one_that_was_asked_for(registry: Registry) -> None:
    registry.push("1.0")
    wanted = digest_of(b"something else")
    registry.manifests[wanted] = registry.manifests["1.0"]

    assert error(registry, f"team/app@{wanted}").kind is Kind.WRONG_DIGEST


def test_a_config_blob_must_be_the_one_that_the_manifest_names(registry: Registry) -> None:
    registry.push("1.0")
    registry.blobs = dict.fromkeys(registry.blobs, b'{"os": "linux", "architecture": "s390x"}')

    assert error(registry).kind is Kind.WRONG_DIGEST


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ((200, "text/html", b"<h1>Welcome</h1>"), Kind.NOT_A_REGISTRY),
        ((404, "text/html", b"<h1>Not here</h1>"), Kind.NOT_A_REGISTRY),
        ((418, "text/plain", b"teapot"), Kind.NOT_A_REGISTRY),
        ((200, "application/json", b"[" * 100_000), Kind.NOT_A_REGISTRY),
        ((200, "application/json", b'{"manifests": 3, "config": []}'), Kind.NOT_A_REGISTRY),
        ((200, "application/json", b'{"schemaVersion": 1, "fsLayers": []}'), Kind.SCHEMA_1),
        ((429, "application/json", b"{}"), Kind.TOO_MANY_REQUESTS),
        ((503, "text/plain", b"busy"), Kind.UNREACHABLE),
        ((401, "text/plain", b""), Kind.REFUSED),
        ((200, "application/json", b" " * (4 * 1024 * 1024 + 1)), Kind.UNREACHABLE),
    ],
)
def test_other_answers_are_told_apart(registry: Registry, answer: tuple[int, str, bytes], kind: Kind) -> None:
    registry.answer = answer

    assert error(registry).kind is kind


def test_an_index_without_platforms_has_none(registry: Registry) -> None:
    registry.answer = (200, "application/json", json.dumps({"manifests": [1, {}, {"platform": None}]}).encode())

    assert resolve(reference(registry)).platforms == ()


@pytest.mark.parametrize(
    ("url", "host", "username", "password"),
    [
        ("https://ann:secret@ghcr.io", "ghcr.io", "ann", "secret"),
        (
            "https://ann%40example.com:a%2Fb@registry.example.com:5000",
            "registry.example.com:5000",
            "ann@example.com",
            "a/b",
        ),
        ("https://ann:secret@index.docker.io/v1/", "docker.io", "ann", "secret"),
        ("https://ann:secret@[::1]:5000", "[::1]:5000", "ann", "secret"),
    ],
)
def test_a_credential_is_read_from_an_address(url: str, host: str, username: str, password: str) -> None:
    assert Credential.parse(url) == Credential(host=host, username=username, password=password)


@pytest.mark.parametrize("url", ["", "ghcr.io", "https://secret@ghcr.io", "https://a:secret@", "https://a:secret@[x"])
def test_a_credential_that_cannot_be_read_is_not_repeated(url: str) -> None:
    with pytest.raises(ValueError, match="written https://user:password@host") as caught:
        Credential.parse(url)
    assert "secret" not in str(caught.value)


def test_a_credential_does_not_show_its_password() -> None:
    assert "secret" not in repr(Credential(host="ghcr.io", username="ann", password="secret"))
