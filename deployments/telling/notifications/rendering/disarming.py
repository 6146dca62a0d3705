"""Nobody is called by a text that somebody else typed."""

import re

#: An "@" calls people, "<!" and "<@" do in Slack and Discord, where "<" also begins a link, and "](" makes one whose
#: text is another, also in what was sent as plain text. Once what nobody sees was taken out, one space that nobody sees
#: parts the sign from what follows it.
_CALLING = re.compile(r"([@<]|\](?=[(\[:]))(?=\S)")
_APART = "\N{ZERO WIDTH SPACE}"


def disarmed(text: str) -> str:
    return _CALLING.sub(rf"\1{_APART}", text)


def in_a_code_block(text: str) -> str:
    """Also without the sign that would end it."""
    return disarmed(text).replace("```", f"`{_APART}`{_APART}`")
