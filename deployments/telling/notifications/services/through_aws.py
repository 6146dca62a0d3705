"""What is told by a service of AWS's: with our own credentials or a role's, and what its refusals mean."""

from collections.abc import Callable

from deployments.aws import errors
from deployments.aws.publishing import Publisher, publisher
from deployments.telling.notifications.services import Sent
from deployments.telling.notifications.services.typed_address import TypedAddress


def sent(address: TypedAddress, act: Callable[[Publisher], None], *, is_sent_once: bool = False) -> Sent:
    """`is_sent_once`: what is sent a second time changes nothing there."""
    name = address.where.rpartition(":")[2]
    try:
        act(publisher(address.where, role_arn=address.option("role"), external_id=address.option("external_id")))
    except errors.NotFound as error:
        return Sent(ok=False, said=f"{error.sentence} Make {name} again, or take the address away.", gone=True)
    except errors.Denied as error:
        return Sent(ok=False, said=f"{error.sentence} Allow it to the role; infra/iam has the policy.")
    except errors.Unavailable as error:
        return Sent(ok=False, said=error.sentence, maybe=not is_sent_once)
    except errors.AwsError as error:
        return Sent(ok=False, said=error.sentence)
    return Sent(ok=True, said=f"{name} took it.")
