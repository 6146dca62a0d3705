"""What a * stands for, and what it does not."""

import pytest

from deployments.identity import patterns


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("refs/heads/main", "refs/heads/main"),
        ("refs/heads/release-*", "refs/heads/release-1.4"),
        ("refs/tags/v*.*", "refs/tags/v1.4.2"),
        ("repo:shop/*:ref:refs/heads/main", "repo:shop/storefront:ref:refs/heads/main"),
        ("{*}", "{d4e45493-4a33}"),
        ("a*b*c", "axbbxc"),
    ],
)
def test_a_pattern_fits_what_it_is_written_for(pattern: str, text: str) -> None:
    assert patterns.fits(pattern, text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("refs/heads/main", "refs/heads/main2"),
        ("refs/heads/main", "refs/heads/main\n"),
        ("refs/heads/main", "Refs/heads/main"),
        ("refs/heads/main", "refs/heads/mai"),
        ("refs/heads/*", "refs/heads/feature/main"),
        ("refs/heads/*", "refs/heads/"),
        ("refs/heads/*", "refs/tags/v1"),
        ("release-*", "release-"),
        ("repo:shop/*:ref:refs/heads/main", "repo:shop/x:environment:y:ref:refs/heads/main"),
        ("repo:shop/*", "repo:shop/storefront:pull_request"),
        ("shop/*", "shopping/storefront"),
        ("ab*ba", "aba"),
        ("a.c", "abc"),
        ("[a-z]", "b"),
        ("", "x"),
    ],
)
def test_a_pattern_never_reaches_further(pattern: str, text: str) -> None:
    assert not patterns.fits(pattern, text)


def test_a_pattern_of_many_stars_is_tried_one_way_only() -> None:
    """By trying all ways it would take years."""
    assert not patterns.fits("*a" * 60 + "*b", "a" * 16_000)


@pytest.mark.parametrize(
    ("pattern", "sentence"),
    [("", "Say what it has to be"), ("a**", "Write one *"), ("x" * 301, "301 characters"), ("a\u202eb", "be seen")],
)
def test_a_pattern_that_makes_no_sense_is_refused_in_words(pattern: str, sentence: str) -> None:
    assert sentence in patterns.trouble(pattern)
