"""What images say of their source: whether they belong together, and which commit a release is of."""

import pytest

from deployments.catalog.self_registering.labels import commit, mixed, told

OURS = "https://github.com/acme/shop"
BASE = "https://github.com/debian/images"


def image(revision: str, source: str = "") -> dict[str, str]:
    said = {"revision": revision, "source": source, "version": "1.4.2\0", "created": ""}
    return {f"org.opencontainers.image.{name}": text for name, text in said.items()}


@pytest.mark.parametrize(
    ("web", "worker", "differ"),
    [
        (image("aaaaaaa1", OURS), image("aaaaaaa1", OURS), False),
        (image("aaaaaaa1", OURS), image("bbbbbbb2", OURS), True),
        (image("aaaaaaa1", OURS), image("bbbbbbb2", "git@github.com:Acme/shop.git"), True),
        (image("aaaaaaa1"), image("bbbbbbb2"), True),
        (image("aaaaaaa1", OURS), image("bbbbbbb2", BASE), False),
        (image("aaaaaaa1", OURS), image("bbbbbbb2"), False),
        (image("aaaaaaa1", OURS), {}, False),
    ],
)
def test_images_of_one_source_and_two_commits_do_not_belong_together(
    web: dict[str, str], worker: dict[str, str], differ: bool
) -> None:
    assert bool(mixed({"web": web, "worker": worker})) is differ


def test_the_commit_is_that_of_the_applications_own_repository() -> None:
    labels = {"proxy": image("bbbbbbb2", BASE), "web": image("AAAAAAA1", OURS)}

    assert commit(labels, f"{OURS}.git/") == "aaaaaaa1"
    assert commit(labels, "") == "bbbbbbb2"
    assert commit({"web": image("v1.4-3-dirty", OURS)}, OURS) == ""


def test_what_no_database_keeps_is_told_without_it() -> None:
    mark = "\N{REPLACEMENT CHARACTER}"
    said = told({"web": image("aaaaaaa1", "\0" * 300)})["web"]

    assert said == {"revision": "aaaaaaa1", "source": mark * 200, "version": f"1.4.2{mark}"}
    assert "\0" not in mixed({"web": image("a\0"), "worker": image("b\0")})
