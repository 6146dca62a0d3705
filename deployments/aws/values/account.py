"""The account around them: who we are, images, security groups, scaling."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Binding:
    """Where an environment lives, and the role that reaches it ("" = our own credentials)."""

    region: str
    role_arn: str = ""
    external_id: str = ""


@dataclass(frozen=True, kw_only=True)
class ScalableTarget:
    """Application Auto Scaling's view of one service's desired count."""

    resource_id: str
    minimum: int
    maximum: int
    #: all three kinds of scaling are
    suspended: bool
    #: the kinds that are, as SuspendedState names them
    suspensions: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Image:
    """A tag resolved: `platforms` are "os/architecture" with docker's names, such as linux/amd64."""

    repository: str
    tag: str
    digest: str
    platforms: tuple[str, ...]

    @property
    def pinned(self) -> str:
        return f"{self.repository}@{self.digest}"


@dataclass(frozen=True, kw_only=True)
class TaggedImage:
    """What a tag of a repository names now; one image can have several."""

    tag: str
    digest: str
    #: of the image, also when the tag was given to it later
    pushed_at: datetime


@dataclass(frozen=True, kw_only=True)
class Identity:
    account: str
    arn: str
    #: AWS's clock minus ours, in seconds
    clock_offset: float
    #: None = just now
    asked_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class SecurityGroupRule:
    protocol: str
    from_port: int
    to_port: int
    sources: tuple[str, ...]
