import pytest

from deployments.catalog.self_registering.patterns import Pattern


@pytest.mark.parametrize(
    ("pattern", "tag", "version"),
    [
        ("v{version}", "v1.4.2", "1.4.2"),
        ("v{version}", "1.4.2", ""),
        ("{version}", "1.4.2", "1.4.2"),
        ("{version}", "1.4.2-rc.1", ""),
        ("{version}", "1.4.2-arm64", ""),
        ("{version}", "1.4", ""),
        ("{version}", "1.04.2", ""),
        ("{version}", "latest", ""),
        ("{version}", "sha256-" + "a" * 64 + ".sig", ""),
        ("{version}", "sha256-" + "a" * 64 + ".att", ""),
        ("{prerelease}", "1.4.2-rc.1", "1.4.2-rc.1"),
        ("{prerelease}", "1.4.2", "1.4.2"),
        ("{sha}", "0123abc", "0123abc"),
        ("{sha}", "0123ABC", ""),
        ("{sha}", "sha256-" + "a" * 64, ""),
        ("main-{number}-{sha}", "main-17-0123abc", "main-17-0123abc"),
        ("build.{number}", "build.17", "17"),
        ("build.{number}", "buildx17", ""),
        ("{version}", "1.4.٢", ""),
    ],
)
def test_a_tag_names_a_version_by_the_whole_of_it(pattern: str, tag: str, version: str) -> None:
    assert Pattern.parse(pattern).version(tag) == version


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("latest", "has one of {version}, {prerelease}, {number}, {sha} in it"),
        ("", "has one of"),
        ("{semver}", "There is no {semver}; there are {version}"),
        ("{version}{sha}", "Put something between two braces"),
        ("{sha}-{sha}", "stands there twice"),
        ("v{version}+{sha}", "letters, digits and . _ - only"),
        ("{}", "There is no {}"),
        ("{version", "has one of"),
    ],
)
def test_a_pattern_that_is_none_is_refused_with_what_there_is(pattern: str, says: str) -> None:
    with pytest.raises(ValueError) as refused:
        Pattern.parse(pattern)
    assert says in str(refused.value)


def test_versions_are_compared_by_numbers_and_what_comes_before_a_release_is_older() -> None:
    pattern = Pattern.parse("v{prerelease}")
    newest_last = ["0.9.0", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-rc.9", "1.0.0-rc.10", "1.0.0", "1.2.0", "1.10.0"]

    orders = [pattern.order(version) for version in newest_last]

    assert orders == sorted(orders, key=lambda order: order or ())
    assert len(set(orders)) == len(orders)
    assert Pattern.parse("{sha}").order("0123abc") is None
    assert Pattern.parse("main-{number}-{sha}").order("main-17-0123abc") == (17,)
