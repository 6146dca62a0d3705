import pytest

from deployments.outbound.images import Reference

DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("text", "repository", "tag", "digest"),
    [
        ("nginx", "docker.io/library/nginx", "latest", ""),
        ("nginx:1.25", "docker.io/library/nginx", "1.25", ""),
        ("  nginx:1.25\n", "docker.io/library/nginx", "1.25", ""),
        ("team/app:2", "docker.io/team/app", "2", ""),
        ("index.docker.io/team/app", "docker.io/team/app", "latest", ""),
        ("docker.io/nginx", "docker.io/library/nginx", "latest", ""),
        ("ghcr.io/team/app:v1.0_rc-1", "ghcr.io/team/app", "v1.0_rc-1", ""),
        ("localhost/app:1", "localhost/app", "1", ""),
        ("localhost:5000/a/b/c:1", "localhost:5000/a/b/c", "1", ""),
        ("[::1]:5000/app", "[::1]:5000/app", "latest", ""),
        (f"ghcr.io/team/app@{DIGEST}", "ghcr.io/team/app", "", DIGEST),
        (f"ghcr.io/team/app:1@{DIGEST}", "ghcr.io/team/app", "1", DIGEST),
        (
            "123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/app:1",
            "123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/app",
            "1",
            "",
        ),
    ],
)
def test_a_reference_is_read_as_docker_reads_it(text: str, repository: str, tag: str, digest: str) -> None:
    reference = Reference.parse(text)

    assert (reference.repository, reference.tag, reference.digest) == (repository, tag, digest)
    assert reference.wanted == (digest or tag)
    assert Reference.parse(str(reference)) == reference


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is needed"),
        ("https://ghcr.io/team/app", "no https:// in front"),
        ("Nginx", "small letters"),
        ("team/app:", "is not a tag"),
        ("team/app:a b", "is not a tag"),
        ("team/app:" + "a" * 129, "is not a tag"),
        ("team//app", "is not an image name"),
        ("ghcr.io/", "is not an image name"),
        ("team/app@sha256:abc", "is not a digest"),
        ("team/app@", "is not a digest"),
        ("-bad-.io/app", "not a registry's host name"),
        ("user@host/app", "is not a digest"),
        ("a" * 256, "longer than 255"),
    ],
)
def test_a_bad_reference_is_refused_with_a_sentence(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why) as caught:
        Reference.parse(text)
    assert str(caught.value).endswith(".")
