"""Claims beside what is wanted of them."""

from typing import Any

import pytest

from deployments.identity import claims, jobs

GITHUB = "https://token.actions.githubusercontent.com"


def misfits(wanted: dict[str, str], **sent: Any) -> list[str]:
    return [each.name for each in claims.compared(wanted, "us", {"aud": "us", **sent}) if not each.fits]


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ({"x": "a"}, []),
        ({"x": ["b", "a"]}, []),
        ({"x": ["b"]}, ["x"]),
        ({"x": {"a": 1}}, ["x"]),
        ({"x": None}, ["x"]),
        ({}, ["x"]),
        ({"x": "a", "aud": ["them", "us"]}, []),
        ({"x": "a", "aud": "us2"}, ["aud"]),
        ({"x": "a", "aud": "US"}, ["aud"]),
        ({"x": "a", "aud": None}, ["aud"]),
    ],
)
def test_what_does_not_fit_is_named(sent: dict[str, Any], found: list[str]) -> None:
    assert misfits({"x": "a"}, **sent) == found


def test_numbers_and_truth_are_compared_as_json_writes_them() -> None:
    assert misfits({"id": "4711", "protected": "true"}, id=4711, protected=True) == []
    assert misfits({"id": "1", "protected": "1"}, id=True, protected=True) == ["id", "protected"]


def test_a_star_in_the_audience_is_a_star() -> None:
    assert not claims.compared({}, "u*", {"aud": "us"})[0].fits


def test_runs_that_strangers_can_start_are_named_or_refused() -> None:
    assert misfits({"ref": "refs/heads/main"}, ref="refs/heads/main", event_name="pull_request_target") == [
        "event_name"
    ]
    assert misfits({"event_name": "workflow_run"}, event_name="workflow_run") == []
    assert misfits({"ref": "refs/heads/main"}, ref="refs/heads/main", event_name="issue_comment") == ["event_name"]


def test_small_letters_and_slashes_are_pointed_out() -> None:
    case, slash = claims.compared({"a": "Shop/x", "b": "https://x/"}, "us", {"a": "shop/x", "b": "https://x"})[1:]

    assert (case.hint, slash.hint) == ("Only small and capital letters differ.", "Only the / at the end differs.")


@pytest.mark.parametrize(
    ("wanted", "issuer", "sentence"),
    [
        ({}, "https://ci", "Name at least one claim"),
        ({"ref": "refs/heads/main"}, GITHUB, "whose job it is"),
        ({"repository": "*/storefront"}, GITHUB, "before the first / would trust others"),
        ({"repository_owner": "shop*"}, GITHUB, "before the first / would trust others"),
        ({"sub": "*"}, "https://ci", "before the first / would trust others"),
        ({"aud": "x"}, "https://ci", "aud cannot be named here"),
        ({"": "x"}, "https://ci", "A claim without a name"),
        ({"sub": ""}, "https://ci", "sub: Say what it has to be"),
        ({str(each): "x" for each in range(21)}, "https://ci", "20 is the most"),
    ],
)
def test_claims_that_would_trust_anybody_are_refused(wanted: dict[str, str], issuer: str, sentence: str) -> None:
    assert sentence in claims.trouble(wanted, issuer)


@pytest.mark.parametrize(
    "wanted", [{"repository": "shop/*"}, {"repository_id": "4711", "ref": "refs/heads/*"}, {"sub": "repo:shop/*:x"}]
)
def test_good_ones_are_not(wanted: dict[str, str]) -> None:
    assert claims.trouble(wanted, GITHUB) == ""


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"repository": "shop/x"}, ["Runs of every branch are trusted", "name repository_id, which stays"]),
        ({"repository": "shop/x", "repository_id": "1"}, ["Runs of every branch are trusted"]),
        ({"project_path": "shop/x", "ref": "main"}, ["name project_id, which stays"]),
        ({"repository_id": "1", "environment": "production"}, []),
        ({"sub": "repo:shop@1/x@2:environment:production"}, []),
    ],
)
def test_what_is_trusted_besides_is_said(wanted: dict[str, str], said: list[str]) -> None:
    found = claims.cautions(wanted)

    assert len(found) == len(said)
    assert all(each in sentence for each, sentence in zip(said, found, strict=True))


@pytest.mark.parametrize(
    ("issuer", "sent", "job"),
    [
        (
            GITHUB,
            {"repository": "shop/storefront", "ref": "refs/heads/main", "run_id": "9", "run_number": "123"},
            ("shop/storefront@refs/heads/main", "run 123", "https://github.com/shop/storefront/actions/runs/9"),
        ),
        (
            "https://git.example.com/_services/token",
            {"repository": "shop/storefront", "run_id": "9"},
            ("shop/storefront", "run 9", "https://git.example.com/shop/storefront/actions/runs/9"),
        ),
        (
            "https://token.actions.shop.ghe.com",
            {"repository": "shop/storefront", "run_id": "9"},
            ("shop/storefront", "run 9", "https://shop.ghe.com/shop/storefront/actions/runs/9"),
        ),
        (
            "https://gitlab.com",
            {"project_path": "shop/web/storefront", "ref": "main", "job_id": 77},
            ("shop/web/storefront@main", "job 77", "https://gitlab.com/shop/web/storefront/-/jobs/77"),
        ),
        (GITHUB, {"repository": "shop/x?y#z", "run_id": "9"}, ("shop/x?y#z", "run 9", "")),
        (GITHUB, {"repository": "shop/x", "run_id": "9/../../evil"}, ("shop/x", "run 9/../../evil", "")),
        ("https://ci", {"sub": "a\u202eb\0c", "run_id": True}, ("a?b?c", "", "")),
        ("https://ci", {"sub": ["x"]}, ("a job", "", "")),
    ],
)
def test_a_job_is_called_by_its_claims(issuer: str, sent: dict[str, Any], job: tuple[str, str, str]) -> None:
    found = jobs.job(issuer, sent)

    assert (found.subject, found.run, found.url) == job


def test_bitbuckets_runs_have_a_page() -> None:
    uuid = "{d4e45493-4a33-477d-917b-a24e7e4bd39b}"
    sent = {"repositoryUuid": uuid, "workspaceUuid": uuid, "pipelineUuid": uuid, "branchName": "main"}

    found = jobs.job("https://api.bitbucket.org/2.0/workspaces/shop/pipelines-config/identity/oidc", sent)

    assert found.run == "pipeline d4e45493-4a33-477d-917b-a24e7e4bd39b"
    assert found.url.startswith("https://bitbucket.org/%7Bd4e45493") and "/pipelines/results/%7B" in found.url


def test_names_that_are_cut_stay_apart() -> None:
    long = "shop/storefront@refs/heads/" + "x" * 300

    one, other = (jobs.name(long + end, "ci", most=150) for end in "ab")

    assert len(one) == len(other) == 150 and one != other
    assert one.endswith(" via ci") and jobs.name("a", "ci", most=150) == "a via ci"
