import pytest

from deployments.outbound.challenge import HEADER_LIMIT, Challenge, parse

LONG = 8000


@pytest.mark.parametrize(
    ("header", "scheme", "parameters"),
    [
        ("", "", {}),
        ("Basic", "basic", {}),
        (
            'Bearer realm="https://auth.example/token",service="registry.example",scope="repository:a/b:pull,push"',
            "bearer",
            {
                "realm": "https://auth.example/token",
                "service": "registry.example",
                "scope": "repository:a/b:pull,push",
            },
        ),
        ('Bearer Realm = token , error=""', "bearer", {"realm": "token", "error": ""}),
        ('Bearer realm="a", Digest qop="auth"', "bearer", {"realm": "a", "qop": "auth"}),
        ('Bearer ??? = x, realm="a"', "bearer", {"realm": "a"}),
        ('Bearer realm="never closed', "bearer", {"realm": '"never'}),
    ],
)
def test_a_challenge_is_read_as_far_as_it_makes_sense(header: str, scheme: str, parameters: dict[str, str]) -> None:
    assert parse(header) == Challenge(scheme, parameters)


def test_a_header_longer_than_any_registrys_is_refused() -> None:
    with pytest.raises(ValueError, match="a WWW-Authenticate of 40007 characters"):
        parse("Bearer " + "a" * 40_000)


@pytest.mark.parametrize("unit", ["a", "a ", " ", ",", 'a="', 'a="\\', "a=,", "a\t="])
def test_the_longest_header_is_read_in_one_pass(unit: str) -> None:
    header = "Bearer " + unit * (LONG // len(unit))

    assert len(header) <= HEADER_LIMIT
    assert parse(header).scheme == "bearer"
