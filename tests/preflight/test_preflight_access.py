from dataclasses import replace

from deployments.aws import errors
from deployments.preflight.report import Level, Report
from tests.preflight.world import SHOP, Account, error, healthy_account, look, ok, release, unknown

ROLE = "arn:aws:iam::123456789012:role/tealgate-deployer"


class Explicit(Account):
    def _decision(self, action: str) -> str:
        return "explicitDeny"


def refusing(said: str = "User is not authorized to perform: sts:AssumeRole", code: str = "AccessDenied") -> Account:
    account = healthy_account()
    account.fail_next("identity", errors.Denied("AssumeRole", code, said))
    return account


def others(report: Report) -> set[tuple[Level, str]]:
    return {(result.level, result.seen) for result in report.results if result.check[:6] != "access"}


def test_a_role_that_cannot_be_assumed_is_named_with_what_to_look_at() -> None:
    sentence = error(look(refusing(), role_arn=ROLE, external_id="tg-1"), "access-role")

    assert f"The role {ROLE} cannot be assumed" in sentence
    assert "must allow sts:AssumeRole to Tealgate's own role, with sts:ExternalId tg-1" in sentence
    assert "another external ID looks just like this" in sentence


def test_a_missing_external_id_is_thought_of() -> None:
    sentence = error(look(refusing(), role_arn=ROLE), "access-role")

    assert "with no sts:ExternalId condition, or the environment must name that external ID" in sentence


def test_own_credentials_that_are_refused_are_told_from_a_role() -> None:
    assert "AWS refuses Tealgate's own credentials" in error(look(refusing()), "access-role")


def test_nothing_else_is_looked_at_when_the_role_cannot_be_assumed() -> None:
    account = refusing()

    report = look(account, release(), role_arn=ROLE)

    assert sum(account.calls.values()) == 1
    assert others(report) == {(Level.UNKNOWN, "Not looked at, because Tealgate does not reach the account.")}


def test_an_sts_that_does_not_answer_makes_everything_unknown() -> None:
    account = healthy_account()
    account.fail_next("identity", errors.Unavailable("GetCallerIdentity", "Timeout", "no answer in 5 s"))

    report = look(account, release())

    assert report.passed
    assert "AWS did not answer (GetCallerIdentity: no answer in 5 s (Timeout))" in unknown(report, "access-role")
    assert others(report) == {(Level.UNKNOWN, "Not looked at, because AWS did not answer.")}


def test_another_account_than_expected_is_an_error_and_nothing_else_is_looked_at() -> None:
    account = healthy_account()

    report = look(account, account_id="999999999999")

    assert "is in account 123456789012, but the environment expects 999999999999" in error(report, "access-account")
    assert sum(account.calls.values()) == 1
    assert "123456789012 is not the environment's account" in unknown(report, "services")


def test_any_account_will_do_when_none_is_expected() -> None:
    assert ok(look(healthy_account(), account_id=""), "access-account").startswith("This is account 123456789012")


def test_a_clock_that_is_behind_is_an_error() -> None:
    account = healthy_account()
    account.who = replace(account.who, clock_offset=420.0)

    sentence = error(look(account), "access-clock")

    assert "Tealgate's clock is 7 min behind AWS's" in sentence
    assert "NTP" in sentence


def test_a_clock_that_is_ahead_is_an_error() -> None:
    account = healthy_account()
    account.who = replace(account.who, clock_offset=-301.0)

    assert "5 min ahead of AWS's" in error(look(account), "access-clock")


def test_a_refusal_because_of_the_clock_says_so() -> None:
    account = refusing(
        "Signature expired: 20260302T091500Z is now earlier than 20260302T092500Z", "SignatureDoesNotMatch"
    )

    assert "Tealgate's clock is wrong" in error(look(account, role_arn=ROLE), "access-clock")


def test_a_group_of_checks_that_is_denied_says_who_may_not_do_what() -> None:
    account = healthy_account()
    account.fail_next("alarms", errors.Denied("DescribeAlarms", "AccessDenied", "not authorized"))

    report = look(account)

    assert unknown(report, "alarms") == (
        "Could not be looked at, because the role tealgate may not cloudwatch:DescribeAlarms: "
        "not authorized. Allow cloudwatch:DescribeAlarms to the role tealgate to have this checked."
    )
    assert ok(report, "live-slot")


def test_a_denied_read_is_not_tried_again_by_the_next_check() -> None:
    account = healthy_account()
    account.fail_next("services", errors.Denied("DescribeServices", "AccessDeniedException", "not authorized"))

    report = look(account)

    assert account.calls["services"] == 1
    assert "may not ecs:DescribeServices" in unknown(report, "services")
    assert "may not ecs:DescribeServices" in unknown(report, "capacity")


def test_throttling_makes_a_check_unknown() -> None:
    account = healthy_account()
    account.fail_next("target_groups", errors.Throttled("DescribeTargetGroups", "Throttling", "Rate exceeded"))

    assert "AWS did not answer (DescribeTargetGroups: Rate exceeded" in unknown(look(account), "target-groups")


def test_a_question_that_aws_calls_invalid_makes_its_check_unknown() -> None:
    account = healthy_account()
    account.fail_next("target_groups", errors.Invalid("DescribeTargetGroups", "ValidationError", "not a valid ARN"))

    assert "Could not be looked at: AWS answered DescribeTargetGroups with ValidationError" in unknown(
        look(account), "target-groups"
    )


def test_a_denied_permission_is_an_error_that_names_action_resource_and_purpose() -> None:
    account = healthy_account()
    account.denied = {"ecs:UpdateService"}

    sentence = error(look(account), "permissions")

    assert sentence.startswith("To scale the services and give them the release, the role tealgate needs ")
    assert "ecs:UpdateService on arn:aws:ecs:eu-central-1:123456789012:service/shop/shop-blue and" in sentence
    assert "which no policy allows. Allow ecs:UpdateService on" in sentence


def test_pass_role_is_asked_with_the_service_that_the_role_is_passed_to() -> None:
    account = healthy_account()
    account.denied = {"iam:PassRole"}

    sentence = error(look(account), "permissions")

    assert "needs iam:PassRole on arn:aws:iam::123456789012:role/shop-execution" in sentence
    assert "with the condition iam:PassedToService = ecs-tasks.amazonaws.com" in sentence


def test_an_explicit_deny_is_told_from_a_missing_statement() -> None:
    account = Explicit.pair()
    denials = [result for result in look(account).errors if "ecs:RegisterTaskDefinition" in result.seen]

    assert "which a statement denies explicitly" in denials[0].seen
    assert "Find the Deny statement or permissions boundary" in denials[0].fix


def test_a_default_rule_takes_modify_listener() -> None:
    account = healthy_account()
    rule = account.rules[SHOP.production_rule]
    account.rules[rule.arn] = replace(rule, is_default=True)
    account.denied = {"elasticloadbalancing:ModifyListener"}

    assert f"needs elasticloadbalancing:ModifyListener on {rule.listener_arn}" in error(look(account), "permissions")


def test_permissions_are_unknown_when_we_may_not_ask() -> None:
    account = healthy_account()
    account.fail_next("may", errors.Denied("SimulatePrincipalPolicy", "AccessDenied", "not authorized"))

    report = look(account)

    assert report.passed
    assert "may not iam:SimulatePrincipalPolicy" in unknown(report, "permissions")


def test_a_permission_without_which_only_less_is_shown_is_a_warning() -> None:
    from tests.preflight.world import warning

    account = healthy_account()
    account.doctor_container(logConfiguration={"logDriver": "awslogs", "options": {"awslogs-group": "/shop"}})
    account.denied = {"logs:GetLogEvents"}

    assert "log-group:/shop:log-stream:*" in warning(look(account), "permissions")


def test_reads_that_were_just_answered_are_not_asked_about() -> None:
    account = healthy_account()
    account.denied = {"ecs:DescribeServices"}  # the simulation is wrong: the services were read

    assert look(account).passed


def test_one_off_tasks_and_scaling_are_only_asked_about_when_there_are_any() -> None:
    account = healthy_account()
    account.denied = {"ecs:RunTask", "application-autoscaling:RegisterScalableTarget"}
    account.scaling = {}

    assert look(account).passed
