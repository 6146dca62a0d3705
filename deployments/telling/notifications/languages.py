"""A message in the language of whoever reads it. What is kept of it is English."""

from collections.abc import Iterable
from dataclasses import replace

from django.conf import settings
from django.utils.translation import get_language

from deployments.languages.told import told
from deployments.people.language import chosen_by
from deployments.telling.notifications import log_tails
from deployments.telling.notifications.content import Content
from deployments.telling.notifications.models import NotificationAddress


def of_address(address: NotificationAddress) -> str:
    """That of its person, or that which was chosen for its channel; English where nobody chose one."""
    chosen = chosen_by(address.person) if address.person else address.channel.language if address.channel else ""
    return chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def for_reader(content: Content) -> Content:
    """Of a page, in the active language."""
    return in_language(content, get_language() or settings.LANGUAGE_CODE)


def in_language(content: Content, language: str) -> Content:
    """All of it but the lines of a log, and what people typed."""

    def said(text: str) -> str:
        return text if text in content.typed else told(text, language)

    def changed(line: str) -> str:
        """It may end with a release's note."""
        note = next((each for each in content.typed if each and line.endswith(f": {each}")), "")
        return f"{said(line.removesuffix(f': {note}'))}: {note}" if note else said(line)

    def all_said(texts: Iterable[str]) -> tuple[str, ...]:
        return tuple(said(text) for text in texts)

    return replace(
        content,
        subject=said(content.subject),
        sentences=all_said(content.sentences),
        facts=tuple((told(label, language), said(value)) for label, value in content.facts),
        changes=tuple(map(changed, content.changes)),
        evidence=all_said(content.evidence),
        log_tail=log_tails.in_language(content.log_tail, language),
        link_text=told(content.link_text, language),
        language=language,
    )
