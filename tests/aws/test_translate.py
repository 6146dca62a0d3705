import pytest
from botocore import exceptions as boto
from botocore.parsers import ResponseParserError

from deployments.aws import errors
from deployments.aws.translate import translate


def answered(code: str, status: int = 400, operation: str = "UpdateService") -> boto.ClientError:
    response = {"Error": {"Code": code, "Message": "said"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return boto.ClientError(response, operation)


@pytest.mark.parametrize(
    ("exc", "kind"),
    [
        (answered("ThrottlingException"), errors.Throttled),
        (answered("Throttling"), errors.Throttled),
        (answered("TooManyRequestsException"), errors.Throttled),
        (answered("RequestLimitExceeded", 503), errors.Throttled),
        (answered("Whatever", 429), errors.Throttled),
        (answered("LimitExceededException"), errors.Invalid),
        (answered("ServerException", 500), errors.Unavailable),
        (answered("502", 502), errors.Unavailable),
        (answered("ServiceUnavailable", 503), errors.Unavailable),
        (answered("RequestTimeout"), errors.Unavailable),
        (answered("AccessDeniedException"), errors.Denied),
        (answered("AccessDenied", 403), errors.Denied),
        (answered("UnauthorizedOperation", 403), errors.Denied),
        (answered("ExpiredTokenException"), errors.Denied),
        (answered("InvalidSignatureException"), errors.Denied),
        (answered("ValidationError", operation="AssumeRole"), errors.Denied),
        (answered("Throttling", operation="AssumeRole"), errors.Throttled),
        (answered("ServiceNotFoundException"), errors.NotFound),
        (answered("ClusterNotFoundException"), errors.NotFound),
        (answered("RuleNotFound"), errors.NotFound),
        (answered("InvalidGroup.NotFound"), errors.NotFound),
        (answered("NoSuchEntity", 404), errors.NotFound),
        (answered("InvalidParameterException"), errors.Invalid),
        (answered("ClientException"), errors.Invalid),
        (answered("OperationNotPermitted"), errors.Invalid),
        (answered("ServiceNotActiveException"), errors.Invalid),
        (boto.EndpointConnectionError(endpoint_url="https://x"), errors.Unavailable),
        (boto.ConnectTimeoutError(endpoint_url="https://x"), errors.Unavailable),
        (boto.ReadTimeoutError(endpoint_url="https://x"), errors.Unavailable),
        (boto.ConnectionClosedError(endpoint_url="https://x"), errors.Unavailable),
        (boto.SSLError(endpoint_url="https://x", error="x"), errors.Unavailable),
        (boto.CredentialRetrievalError(provider="container-role", error_msg="x"), errors.Unavailable),
        (ResponseParserError("not XML"), errors.Unavailable),
        (boto.NoCredentialsError(), errors.Denied),
        (boto.ParamValidationError(report="x"), errors.Invalid),
    ],
    ids=lambda value: getattr(value, "__name__", None) or str(value)[:60],
)
def test_every_error_has_one_meaning(exc: Exception, kind: type[errors.AwsError]) -> None:
    assert type(translate("UpdateService", exc)) is kind


def test_an_error_keeps_awss_own_words() -> None:
    error = translate("UpdateService", answered("ServiceNotFoundException"))

    assert (error.operation, error.code, error.said) == ("UpdateService", "ServiceNotFoundException", "said")
    assert not error.transient


def test_a_role_that_cannot_be_assumed_is_named_as_such() -> None:
    assert translate("DescribeServices", answered("AccessDenied", 403, "AssumeRole")).operation == "AssumeRole"
