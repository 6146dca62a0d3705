"""botocore's many errors, sorted once into ours by what the caller should do about them."""

from botocore import exceptions as boto

from deployments.aws import errors

# LimitExceededException is missing on purpose: botocore retries it as a throttle, but ECS, ECR and
# Application Auto Scaling mean a quota by it, which no waiting lifts.
THROTTLED = frozenset(
    {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
UNAVAILABLE = frozenset(
    {
        "ConcurrentModificationException",
        "ConcurrentUpdateException",
        "InternalError",
        "InternalException",
        "InternalFailure",
        "InternalServerException",
        "InternalServiceException",
        "RequestTimeout",
        "RequestTimeoutException",
        "ServerException",
        "ServiceUnavailable",
        "ServiceUnavailableException",
    }
)
#: It is not what was asked that is refused, but who asks.
NOBODY = frozenset(
    {
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
DENIED = NOBODY | {
    "AccessDenied",
    "AccessDeniedException",
    "NotAuthorized",
    "OptInRequired",
    "UnauthorizedOperation",
}
# ELBv2 and EC2 codes carry no "Exception" on the wire: RuleNotFound, InvalidGroup.NotFound.
# CodeDeploy says DeploymentDoesNotExistException.
NOT_FOUND_ENDINGS = ("NotFound", "NotFoundException", "NoSuchEntity", "NoSuchEntityException", "DoesNotExistException")


def translate(operation: str, exc: Exception) -> errors.AwsError:
    """Our error for botocore's. `operation` is AWS's name of the call that was made.

    A call may fail because the role behind it could not be assumed: then the error is AssumeRole's.
    """
    if isinstance(exc, boto.ClientError):
        return from_answer(getattr(exc, "operation_name", "") or operation, exc.response)
    said, name = str(exc), type(exc).__name__
    if isinstance(exc, boto.NoCredentialsError | boto.PartialCredentialsError | boto.UnauthorizedSSOTokenError):
        return errors.Denied(operation, name, said)
    if isinstance(exc, boto.HTTPClientError | boto.ConnectionError | boto.IncompleteReadError):
        return errors.Unavailable(operation, name, said)
    if isinstance(exc, boto.CredentialRetrievalError | boto.MetadataRetrievalError):
        # The task's or instance's own credentials come over HTTP; a hiccup there is not a refusal.
        return errors.Unavailable(operation, name, said)
    if type(exc).__name__ == "ResponseParserError":
        return errors.Unavailable(operation, name, said)
    return errors.Invalid(operation, name, said)


def from_answer(operation: str, answer: dict[str, dict[str, object]]) -> errors.AwsError:
    """The same for a parsed answer: Error holds Code and Message, ResponseMetadata the HTTPStatusCode."""
    code = str(answer.get("Error", {}).get("Code", "Unknown"))
    said = str(answer.get("Error", {}).get("Message", "") or "AWS gave no message.")
    status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return _kind(operation, code, status if isinstance(status, int) else 0)(operation, code, said)


def _kind(operation: str, code: str, status: int) -> type[errors.AwsError]:
    if code in THROTTLED or status == 429:
        return errors.Throttled
    if code in UNAVAILABLE or status >= 500:
        return errors.Unavailable
    if code in DENIED or status in (401, 403) or operation == "AssumeRole":
        return errors.Denied
    if code.endswith(NOT_FOUND_ENDINGS):
        return errors.NotFound
    return errors.Invalid
