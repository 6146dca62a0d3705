import pytest

from deployments.aws import errors, role_arns
from deployments.aws.sessions import connect
from deployments.aws.values import Binding

ADMINISTRATOR = "arn:aws:iam::123456789012:role/administrator"


@pytest.fixture(autouse=True)
def listed(only_tealgates_roles: None) -> None:
    """As a team starts with it."""


@pytest.mark.parametrize(
    ("role_arn", "allowed"),
    [
        ("arn:aws:iam::123456789012:role/tealgate-shop", True),
        ("arn:aws-cn:iam::210987654321:role/tealgate-shop", True),
        (ADMINISTRATOR, False),
        ("arn:aws:iam::123456789012:role/not-tealgate-shop", False),
        ("arn:aws:iam::123456789012:role/path/tealgate-shop", False),
        ("arn:aws:iam::123456789012:user/tealgate-shop", False),
        ("arn:aws:iam::1:role/administrator:iam::2:role/tealgate-shop", False),
        ("", False),
    ],
)
def test_a_star_stands_for_one_part_of_an_arn(role_arn: str, allowed: bool) -> None:
    assert role_arns.is_allowed(role_arn) is allowed


def test_a_role_that_is_not_on_the_list_is_never_assumed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "OWN")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")

    with pytest.raises(errors.Denied, match="AWS_ROLE_ARNS allows arn:") as caught:
        connect(Binding(region="us-east-1", role_arn=ADMINISTRATOR))

    assert caught.value.code == "RoleNotAllowed"


def test_without_a_list_no_role_is_assumed() -> None:
    role_arns.allow(())

    assert not role_arns.is_allowed("arn:aws:iam::123456789012:role/tealgate-shop")
    assert "AWS_ROLE_ARNS allows nothing" in role_arns.refusal(ADMINISTRATOR)
