"""What the log can tell of: every kind of event, and what it means. Nothing else is appended."""

import re
from enum import StrEnum

#: by what comes before the dot, as the list of events groups them
ABOUT = {
    "deployment": "Deployments",
    "stage": "Stages",
    "gate": "Gates",
    "checks": "Smoke checks",
    "aws": "Writes on AWS",
    "environment": "Environments",
    "release": "Releases",
    "application": "Applications",
    "person": "People",
    "group": "Groups and rights",
    "token": "Tokens",
    "trust": "Trust in CIs",
    "webhook": "Webhooks",
    "notification": "Notifications",
    "forge": "Forges",
    "chat": "Chats",
    "operations": "Operations",
}


class Kind(StrEnum):
    """All kinds but those of writes on AWS, which `aws_write` makes. They are kept for ever: none changes its name."""

    meaning: str

    def __new__(cls, name: str, meaning: str) -> "Kind":
        kind = str.__new__(cls, name)
        kind._value_ = name
        kind.meaning = meaning
        return kind

    DEPLOYMENT_REQUESTED = "deployment.requested", "Somebody asked for a deployment and gave a reason."
    DEPLOYMENT_REPAIR_REQUESTED = (
        "deployment.repair_requested",
        "It is a repair of a production that was sick; what was red before it is in its data.",
    )
    DEPLOYMENT_FIRST_REQUESTED = (
        "deployment.first_requested",
        "It is a first release where nothing runs; what was red before it is in its data.",
    )
    DEPLOYMENT_STARTED = "deployment.started", "A worker took it up."
    DEPLOYMENT_NOTED = "deployment.noted", "Something was seen that matters later, such as what is live."
    DEPLOYMENT_UNWATCHED = "deployment.unwatched", "Nobody looked for a while, ourselves or AWS being away."
    DEPLOYMENT_STUCK = (
        "deployment.stuck",
        "Nobody could look at it for long; once until somebody does.",
    )
    DEPLOYMENT_EXTENDED = (
        "deployment.extended",
        "The source stays warm for longer: somebody wants it, or nobody could act.",
    )
    DEPLOYMENT_GONE_ON = "deployment.gone_on", "Somebody goes on from a share of production before its time."
    DEPLOYMENT_FINISHED_NOW = "deployment.finished_now", "Somebody ended the warm time."
    DEPLOYMENT_STOP_REQUESTED = "deployment.stop_requested", "Somebody wants it stopped."
    DEPLOYMENT_ROLLBACK_REQUESTED = "deployment.rollback_requested", "Somebody wants all traffic back on the source."
    DEPLOYMENT_ROLLBACK_RETRIED = "deployment.rollback_retried", "Somebody has a failed roll back tried again."
    DEPLOYMENT_ROLLBACK_STARTED = "deployment.rollback_started", "It turns back, for the reason in its message."
    DEPLOYMENT_SUCCESSFUL = "deployment.successful", "It has ended well: the release is live."
    DEPLOYMENT_STOPPED = "deployment.stopped", "It has ended before a service was changed or traffic moved."
    DEPLOYMENT_ROLLBACK_SUCCESSFUL = "deployment.rollback_successful", "It has ended: all is as it was before."
    DEPLOYMENT_FAILED = "deployment.failed", "It has ended where it was, as what ran before is nothing to go back to."
    DEPLOYMENT_ROLLBACK_FAILED = "deployment.rollback_failed", "It has ended half way back: somebody has to look."
    DEPLOYMENT_PIPELINE_TOLD = (
        "deployment.pipeline_told",
        "CodePipeline, which waited for it, was told Approved or Rejected.",
    )
    DEPLOYMENT_PIPELINE_NOT_TOLD = (
        "deployment.pipeline_not_told",
        "CodePipeline will not be told: somebody else answered, or nothing waited.",
    )
    DEPLOYMENT_FORGE_NOT_TOLD = (
        "deployment.forge_not_told",
        "GitHub or GitLab is not told of it any more; its message says why.",
    )
    STAGE_SUCCEEDED = "stage.succeeded", "A step is done and the next one follows."
    GATE_OPENED = "gate.opened", "It waits for people; the evidence they see is in its data."
    GATE_APPROVED = "gate.approved", "One person approved."
    GATE_REJECTED = "gate.rejected", "One person rejected, which is enough to turn back."
    GATE_EXTENDED = "gate.extended", "Nobody could decide for a while, Tealgate being away; that time is given back."
    GATE_TIMED_OUT = "gate.timed_out", "Nobody decided in time."
    CHECKS_PASSED = "checks.passed", "The smoke checks of the release passed."
    CHECKS_FAILED = "checks.failed", "A smoke check of the release failed."
    AWS_GONE_WITHOUT = "aws.gone_without", "AWS refused a write that may be missing; the deployment goes on."
    AWS_TROUBLE = "aws.trouble", "AWS did not answer; it is tried again. Once for a row of failures."
    ENVIRONMENT_LOCKED = "environment.locked", "Somebody locked an environment, and says why."
    ENVIRONMENT_UNLOCKED = "environment.unlocked", "Somebody unlocked it."
    ENVIRONMENT_UNATTENDED = "environment.unattended", "Somebody says that nobody has to approve, and why."
    ENVIRONMENT_ATTENDED = "environment.attended", "Somebody has to approve again."
    ENVIRONMENT_ADOPTED = "environment.adopted", "What ran there before Tealgate was found out."
    ENVIRONMENT_DIFFERS = (
        "environment.differs",
        "Something else runs there than what is recorded as live.",
    )
    ENVIRONMENT_AGREES = (
        "environment.agrees",
        "What is recorded as live runs there, again or in another slot.",
    )
    ENVIRONMENT_ADDED = "environment.added", "Somebody added an environment; its settings are in its data."
    ENVIRONMENT_CHANGED = "environment.changed", "Somebody changed settings, gates, checks, tasks or webhooks."
    ENVIRONMENT_RESTORED = "environment.restored", "Somebody brought an older version of the settings back."
    ENVIRONMENT_DELETED = "environment.deleted", "Somebody deleted an environment that nothing was deployed to."
    ENVIRONMENT_RETIRED = "environment.retired", "Somebody retired an environment, and says why; its history stays."
    ENVIRONMENT_BROUGHT_BACK = "environment.brought_back", "Somebody brought a retired environment back."
    ENVIRONMENT_MOVE_BEGUN = "environment.move_begun", "Somebody began to move it to another way to swap."
    ENVIRONMENT_MOVE_STEP = "environment.move_step", "A step of the move is done; what proves it is in its message."
    ENVIRONMENT_MOVE_BACK = "environment.move_back", "A step of the move was undone."
    ENVIRONMENT_MOVE_STOPPED = "environment.move_stopped", "The move found what it cannot go on with, or AWS refused."
    ENVIRONMENT_NOT_TIDIED = (
        "environment.not_tidied",
        "Old task definitions stay, since AWS did not allow what it takes to deregister them.",
    )
    ENVIRONMENT_MOVED = "environment.moved", "The move is over: it is deployed to in the new way."
    ENVIRONMENT_MOVE_ENDED = "environment.move_ended", "The move was taken back; its message says what is there now."
    RELEASE_REGISTERED = "release.registered", "A release was registered, by a person or a pipeline."
    RELEASE_NOT_DEPLOYED = (
        "release.not_deployed",
        "A release that registered itself was to be deployed at once, and was not; why is in its message.",
    )
    APPLICATION_ADDED = "application.added", "Somebody added an application."
    APPLICATION_CHANGED = "application.changed", "Somebody changed an application; before and after are in its data."
    APPLICATION_DELETED = "application.deleted", "Somebody deleted an application that nothing referred to."
    APPLICATION_RETIRED = "application.retired", "Somebody retired an application with all of its environments."
    APPLICATION_BROUGHT_BACK = "application.brought_back", "Somebody brought it back; its environments stay retired."
    APPLICATION_SELF_REGISTRATION = (
        "application.self_registration",
        "Somebody said how releases register themselves, or that they do not any more.",
    )
    APPLICATION_NOT_REGISTERED = (
        "application.not_registered",
        "The images of a version are there, and no release was made of them; why is in its message.",
    )
    APPLICATION_TAG_MOVED = (
        "application.tag_moved",
        "A tag names another image than the release that was registered by it, which keeps its own.",
    )
    PERSON_ADDED = "person.added", "Somebody added an account."
    PERSON_CHANGED = "person.changed", "Somebody changed an account, its groups or its rights."
    PERSON_PASSWORD_SET = "person.password_set", "Somebody set a password of an account."  # noqa: S105
    GROUP_ADDED = "group.added", "Somebody added a group."
    GROUP_CHANGED = "group.changed", "Somebody changed a group's name or rights."
    GROUP_COMPLETED = "group.completed", "A role was given the rights that Tealgate's version brings."
    TOKEN_MADE = "token.made", "Somebody made a token, for what its data says. Never the token itself."
    TOKEN_ALLOWED = "token.allowed", "Somebody lets a terminal act as them; it fetches its token then."
    TOKEN_DENIED = "token.denied", "Somebody does not let a terminal act as them."
    TOKEN_REVOKED = "token.revoked", "Somebody ended a token."
    TRUST_MADE = "trust.made", "Somebody trusts jobs of a CI, for what its data says."
    TRUST_USED = "trust.used", "A job that is trusted was given a token; its data says by which claims."
    TRUST_ENDED = "trust.ended", "Somebody ended the trust in a CI's jobs."
    WEBHOOK_ADDED = "webhook.added", "Somebody added a webhook. Never its secret, and of its address only the host."
    WEBHOOK_CHANGED = "webhook.changed", "Somebody changed where a webhook leads or what it is about."
    WEBHOOK_SECRET_CHANGED = "webhook.secret_changed", "Somebody gave a webhook another secret."  # noqa: S105
    WEBHOOK_TURNED_ON = "webhook.turned_on", "Somebody turned a webhook on."
    WEBHOOK_TURNED_OFF = (
        "webhook.turned_off",
        "Somebody turned a webhook off, or Tealgate did: nothing came through for days, or it was not wanted any more.",
    )
    WEBHOOK_DELETED = "webhook.deleted", "Somebody deleted a webhook with all that it was sent."
    NOTIFICATION_CHANNEL_ADDED = "notification.channel_added", "Somebody added a notification channel."
    NOTIFICATION_CHANNEL_CHANGED = "notification.channel_changed", "Somebody changed what a channel hears of."
    NOTIFICATION_CHANNEL_TURNED_ON = "notification.channel_turned_on", "Somebody turned a channel on."
    NOTIFICATION_CHANNEL_TURNED_OFF = "notification.channel_turned_off", "Somebody turned a channel off."
    NOTIFICATION_CHANNEL_DELETED = "notification.channel_deleted", "Somebody deleted a channel with its addresses."
    NOTIFICATION_ADDRESS_ADDED = (
        "notification.address_added",
        "Somebody added where a channel, or they themselves, are told. Of the address only the service.",
    )
    NOTIFICATION_ADDRESS_CHANGED = "notification.address_changed", "Somebody made an address lead elsewhere."
    NOTIFICATION_ADDRESS_TURNED_ON = "notification.address_turned_on", "Somebody turned an address on."
    NOTIFICATION_ADDRESS_TURNED_OFF = (
        "notification.address_turned_off",
        "Somebody turned an address off, or Tealgate did: nothing came through for days, or it is gone.",
    )
    NOTIFICATION_ADDRESS_DELETED = "notification.address_deleted", "Somebody deleted an address."
    FORGE_ADDED = "forge.added", "Somebody connected a forge. Never its key or token."
    FORGE_CHANGED = "forge.changed", "Somebody changed a forge's connection, or which repository an application is."
    FORGE_ANSWERED = "forge.answered", "A job on GitHub that waited for a gate here was approved or rejected."
    FORGE_DELETED = "forge.deleted", "Somebody deleted a forge's connection: it is told nothing any more."
    CHAT_ADDED = (
        "chat.added",
        "Somebody added a workspace of a chat from which gates can be answered. Never its secret.",
    )
    CHAT_CHANGED = "chat.changed", "Somebody changed such a workspace; before and after are in its data."
    CHAT_DELETED = "chat.deleted", "Somebody deleted such a workspace with all accounts bound there."
    CHAT_BOUND = "chat.bound", "Somebody said that an account of a chat is theirs: it decides as them from then on."
    CHAT_UNBOUND = "chat.unbound", "An account of a chat acts as nobody any more."
    OPERATIONS_ALERT_RAISED = "operations.alert_raised", "Tealgate itself is not well; its message says what to do."
    OPERATIONS_ALERT_OVER = (
        "operations.alert_over",
        "What an operator was alerted of is over; its message says after how long.",
    )
    GROUP_DELETED = "group.deleted", "Somebody deleted a group; who was in it is in its data."


#: A write that was made on AWS, by the name of its API operation: aws.UpdateService.
AWS_WRITE = re.compile(r"aws\.[A-Z][A-Za-z]+")


class UnknownKind(ValueError):
    """An event was about to be written of a kind that is not in the catalogue."""


def known(kind: str) -> str:
    """The kind as it is kept. Raises UnknownKind."""
    if kind in set(Kind) or AWS_WRITE.fullmatch(kind):
        return str(kind)
    raise UnknownKind(f"No kind of event is called {kind}; add it to deployments/record/kinds.py.")
