"""botocore's clients, made once per binding and process.

Reads are tried three times by botocore. Writes are sent once: after a lost answer botocore cannot know
whether a task definition was registered or weights were set, so it is the engine that reads and decides.
Credentials of an assumed role renew themselves; nothing is kept on disk.
"""

import os
import threading
from contextlib import suppress
from datetime import UTC, datetime
from multiprocessing import Pipe, Process
from multiprocessing.connection import Connection
from typing import Any

import botocore
import botocore.session
from botocore.config import Config
from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials
from botocore.exceptions import BotoCoreError
from botocore.utils import parse_timestamp

from deployments.aws import credentials_seen, errors, instance_metadata, models, observing, role_arns
from deployments.aws.gateway import BotoGateway
from deployments.aws.translate import translate
from deployments.aws.values import Binding

_TIMES: dict[str, Any] = {"connect_timeout": 3, "read_timeout": 10, "user_agent_extra": "tealgate"}
READS = Config(retries={"mode": "standard", "total_max_attempts": 3}, **_TIMES)
WRITES = Config(retries={"mode": "standard", "total_max_attempts": 1}, **_TIMES)
SESSION_SECONDS = 3600  # the most that AWS grants when one role assumes another


class Clients:
    """The clients of one binding, made when first asked for. Safe to share between threads."""

    def __init__(self, binding: Binding) -> None:
        """Raises Denied as `connect` does."""
        self.binding = binding
        self._session = _session(binding)
        self._made: dict[tuple[str, str, bool], Any] = {}
        # Clients may be shared between threads, sessions (which make them) may not.
        self._lock = threading.Lock()

    @property
    def role_arn(self) -> str:
        return self.binding.role_arn

    def client(self, service: str, *, writes: bool, region: str = "") -> Any:
        key = (service, region or self.binding.region, writes)
        with self._lock:
            if key not in self._made:
                self._made[key] = self._session.create_client(
                    service, region_name=key[1], config=WRITES if writes else READS
                )
            return self._made[key]


class Patient:
    """A `calling.ClientSource` of our own credentials, for calls that AWS answers only after `seconds`."""

    role_arn = ""

    def __init__(self, region: str, seconds: int) -> None:
        self._region = region
        self._config = READS.merge(Config(read_timeout=seconds + _TIMES["read_timeout"]))
        self._made: dict[str, Any] = {}

    def client(self, service: str, *, writes: bool, region: str = "") -> Any:
        """Raises Denied when this machine has no AWS credentials of its own."""
        if service not in self._made:
            session = _session(Binding(region=self._region))
            self._made[service] = session.create_client(service, region_name=self._region, config=self._config)
        return self._made[service]


def connect(binding: Binding) -> BotoGateway:
    """The gateway to this binding's account and region; the same one every time in one process.

    Raises Denied when this machine has no AWS credentials of its own, or for a role that is not on our list
    (`role_arns`), and Unavailable when whoever gives the credentials does not answer. A role that AWS does not let us
    assume shows (as Denied) only at the first call.
    """
    key = (os.getpid(), binding)
    with _lock:
        if key not in _gateways:
            _gateways[key] = BotoGateway(Clients(binding))
        return _gateways[key]


_UNSIGNED = Config(signature_version=botocore.UNSIGNED)
_models = models.loader()
_gateways: dict[tuple[int, Binding], BotoGateway] = {}
_lock = threading.Lock()


def read_models() -> None:
    """What the clients of every pass are made from. Processes forked after this share it instead of parsing it each.

    Parsed in a process of its own, which tells the rest: parsing takes ten times as much for a moment, and would leave
    this one's memory full of holes.
    """
    receives, sends = Pipe(duplex=False)
    apart = Process(target=_tell_models, args=(sends,), daemon=True)
    apart.start()
    sends.close()
    with suppress(EOFError):  # it was killed; then all is read here
        _models.file_loader.known.update(receives.recv())
    apart.join()
    _make_each()


def _tell_models(sends: Connection) -> None:
    _make_each()
    sends.send(_models.file_loader.known)


def _make_each() -> None:
    """One client of each service, thrown away: that reads all that its like will look for, and asks AWS nothing."""
    session = _bare_session()
    for service in models.OPERATIONS:
        client = session.create_client(service, region_name="us-east-1", config=_UNSIGNED)
        client.can_paginate(next(iter(client.meta.method_to_api_mapping)))


def _after_fork() -> None:
    # A child must not talk over its parent's sockets, nor wait for a lock that a thread of the parent held.
    global _lock
    _lock = threading.Lock()
    _gateways.clear()


os.register_at_fork(after_in_child=_after_fork)


def _session(binding: Binding) -> Any:
    if binding.role_arn and not role_arns.is_allowed(binding.role_arn):
        raise errors.Denied("AssumeRole", "RoleNotAllowed", role_arns.refusal(binding.role_arn))
    own = _bare_session()
    own.set_config_variable("region", binding.region)
    credentials = _credentials(own)
    return _assuming(own, credentials, binding) if binding.role_arn else own


def _credentials(session: Any) -> Any:
    """Our own: of the environment, the task or the instance. Raises Unavailable where asking again may help."""
    try:
        found = session.get_credentials()
    except (BotoCoreError, ValueError) as error:  # a metadata service that answers, but not with credentials
        raise translate("GetCredentials", error) from error
    if found is not None:
        return found
    if instance_metadata.is_there():
        said = "The instance has not told its credentials: it has no role, or its metadata service does not answer."
        raise errors.Unavailable("GetCredentials", "NoCredentials", said)
    said = "Tealgate has no AWS credentials: give its task or instance a role, or set the AWS_ variables."
    denied = errors.Denied("GetCredentials", "NoCredentials", said)
    credentials_seen.failed(credentials_seen.OWN, denied)
    raise denied


def _assuming(own: Any, credentials: Any, binding: Binding) -> Any:
    external = {"ExternalId": binding.external_id} if binding.external_id else {}
    fetcher = AssumeRoleCredentialFetcher(
        client_creator=lambda service, **keys: own.create_client(
            service, region_name=binding.region, config=READS, **keys
        ),
        source_credentials=credentials,
        role_arn=binding.role_arn,
        extra_args={"RoleSessionName": "tealgate", "DurationSeconds": SESSION_SECONDS, **external},
    )
    session = _bare_session()
    session._credentials = DeferredRefreshableCredentials(fetcher.fetch_credentials, method="assume-role")
    return session


def _bare_session() -> Any:
    session = botocore.session.Session()
    session.register_component("data_loader", _models)
    session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=_moment)
    observing.watch(session)
    return session


def _moment(said: Any) -> datetime:
    """In UTC. botocore looks up this machine's zone for each, and a service's events alone hold a hundred of them."""
    if isinstance(said, int | float):
        return datetime.fromtimestamp(said, UTC)
    parsed: datetime = parse_timestamp(said)
    return parsed.astimezone(UTC)
