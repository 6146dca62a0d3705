"""What AWS makes of the certificates that requests give HTTPS listeners; moto's list has the default first."""

from typing import Any

from moto.elbv2.exceptions import ELBClientError
from moto.elbv2.responses import ELBV2Response

from sandbox.elb.validation import check_certificate
from sandbox.patching import Patches

Arguments = dict[str, Any]
ONE = "You must specify exactly one certificate for an HTTPS listener"


def install(patches: Patches) -> None:
    patches.replace(ELBV2Response, "RESPONSE_KEY_PATH_TO_TRANSFORMER", _showing_the_default)


def _showing_the_default(original: dict[str, Any]) -> dict[str, Any]:
    """A listener shows its default certificate; the others are told by DescribeListenerCertificates."""
    changed = {
        path: lambda arns: [{"CertificateArn": arn} for arn in arns[:1]] or None
        for path in original
        if path.endswith(".Listener.Certificates")
    }
    return original | changed


def check_create(backend: Any, arguments: Arguments) -> None:
    certificate = arguments.get("certificate")
    if certificate:
        check_certificate(backend, certificate)
    elif arguments["protocol"] == "HTTPS":
        raise ELBClientError("CertificateNotFound", ONE)


def change(backend: Any, listener: Any, arguments: Arguments) -> None:
    """A new default leaves the other certificates; a listener that ends to speak TLS has none any more."""
    given = [each["CertificateArn"] for each in arguments["certificates"]]
    if len(given) > 1:
        raise ELBClientError("TooManyCertificates", ONE)
    if given:
        check_certificate(backend, given[0])
        kept = [arn for arn in listener.certificates[1:] if arn != given[0]]
        arguments["certificates"] = [{"CertificateArn": arn} for arn in [*given, *kept]]
    if arguments.get("protocol") == "HTTP":
        listener.certificate, listener.certificates = None, []


def check_add(backend: Any, arguments: Arguments) -> None:
    """What is there already is no mistake, and not there twice."""
    listener = backend.describe_listeners(load_balancer_arn=None, listener_arns=[arguments["arn"]])[0]
    for each in arguments["certificates"]:
        check_certificate(backend, each["CertificateArn"])
    arguments["certificates"] = [
        each for each in arguments["certificates"] if each["CertificateArn"] not in listener.certificates
    ]


def check_remove(backend: Any, arguments: Arguments) -> None:
    listener = backend.describe_listeners(load_balancer_arn=None, listener_arns=[arguments["arn"]])[0]
    if any(each["CertificateArn"] == listener.certificate for each in arguments["certificates"]):
        raise ELBClientError("OperationNotPermitted", "The default certificate of a listener cannot be removed")
