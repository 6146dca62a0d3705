"""A commit's link leads to that commit, on each kind of host."""

import pytest

from deployments.catalog.commits import commit_address, compare_address

CONSOLE = "https://eu-central-1.console.aws.amazon.com/codesuite/codecommit/repositories/shop"


@pytest.mark.parametrize(
    ("repository", "commit", "compare"),
    [
        ("https://github.com/acme/shop", "/commit/bbb", "/compare/aaa...bbb"),
        ("https://github.com/acme/shop.git/", "/commit/bbb", "/compare/aaa...bbb"),
        ("https://github.com/acme/shop/tree/main", "/commit/bbb", "/compare/aaa...bbb"),
        ("https://git.example.com/acme/shop", "/commit/bbb", "/compare/aaa...bbb"),
        ("https://gitlab.com/acme/team/shop", "/-/commit/bbb", "/-/compare/aaa...bbb"),
        ("https://gitlab.example.com/acme/shop/-/tree/main", "/-/commit/bbb", "/-/compare/aaa...bbb"),
        ("https://bitbucket.org/acme/shop/src/main", "/commits/bbb", "/branches/compare/bbb%0Daaa"),
        (
            "https://dev.azure.com/acme/shop/_git/shop",
            "/commit/bbb",
            "/branchCompare?baseVersion=GCaaa&targetVersion=GCbbb",
        ),
    ],
)
def test_a_commit_has_a_page_of_its_own_and_two_have_one_between_them(
    repository: str, commit: str, compare: str
) -> None:
    root = repository.partition("/tree")[0].partition("/-")[0].partition("/src")[0].rstrip("/").removesuffix(".git")

    assert commit_address(repository, "bbb") == root + commit
    assert compare_address(repository, "aaa", "bbb") == root + compare


@pytest.mark.parametrize(
    "repository",
    [f"{CONSOLE}/browse?region=eu-central-1", "https://git-codecommit.eu-central-1.amazonaws.com/v1/repos/shop"],
)
def test_codecommit_shows_them_in_the_console(repository: str) -> None:
    assert commit_address(repository, "bbb") == f"{CONSOLE}/commit/bbb?region=eu-central-1"
    assert compare_address(repository, "aaa", "bbb") == f"{CONSOLE}/compare/aaa/.../bbb?region=eu-central-1"


@pytest.mark.parametrize("repository", ["", "ssh://git@github.com/acme/shop", "javascript:alert(1)", "https://[x"])
def test_what_is_no_web_page_has_no_link(repository: str) -> None:
    assert commit_address(repository, "bbb") == ""
    assert compare_address(repository, "aaa", "bbb") == ""


def test_without_two_commits_there_is_nothing_between_them() -> None:
    assert commit_address("https://github.com/acme/shop", "") == ""
    assert compare_address("https://github.com/acme/shop", "aaa", "aaa") == ""
    assert compare_address("https://github.com/acme/shop", "", "bbb") == ""
