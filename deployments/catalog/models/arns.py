"""What is asked of an ARN where one is typed in, and of the times beside it."""

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator

rule_arn = RegexValidator(
    r"^arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:\d{12}:(listener-rule/app/|listener/net/)",
    "The ARN of an Application Load Balancer's listener rule (the default rule has one too); where ECS shifts behind a "
    "Network Load Balancer, that of its listener.",
)


def rule_arns(text: str) -> None:
    """One a line."""
    for arn in lines(text):
        rule_arn(arn)


def lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


target_group_arn = RegexValidator(
    r"^arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:\d{12}:targetgroup/", "The ARN of a target group."
)
role_arn = RegexValidator(r"^arn:aws[a-z-]*:iam::\d{12}:role/", "The ARN of an IAM role.")


def role_arns(text: str) -> None:
    """One a line."""
    for arn in lines(text):
        role_arn(arn)


approval_action_arn = RegexValidator(
    r"^arn:aws[a-z-]*:codepipeline:[a-z0-9-]+:\d{12}:([A-Za-z0-9.@_-]{1,100}/){2}[A-Za-z0-9.@_-]{1,100}\Z",
    "The ARN of an action of CodePipeline: arn:aws:codepipeline:REGION:ACCOUNT:PIPELINE/STAGE/ACTION.",
)


seconds = [MinValueValidator(0), MaxValueValidator(14 * 24 * 3600)]
