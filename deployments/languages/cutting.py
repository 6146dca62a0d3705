"""Where messages may begin and end in a text."""

import re

#: With which the log's rows begin.
_MOMENT = r"\A\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\s|"
#: Between two messages of one text.
_BETWEEN = re.compile(_MOMENT + r"""["”)]*[.!?:;,…]["”)]*(?:\s+|$)|\n+|\s?[(“]|[)”]|\s[·–—]\s""")
_SENTENCE_ENDS = re.compile(r"[.!?…][\"”)]*(?:\s+|$)|\n+")
#: "New 1.1.0 answered ..." is said of whatever was measured, so what it did is a message by itself.
_SUBJECT = re.compile(r"(?:^|(?<=[.!?] ))(\S+)(?: \S+)?(?= )")
#: Ways to divide a longer text are only looked for between its sentences.
_MOST_CUTS = 28


def cuts_of(text: str) -> tuple[list[int], set[int]]:
    """Where a message may begin or end, from 0 to the text's length; and which of them are within a sentence."""
    for between in (_BETWEEN, _SENTENCE_ENDS):
        cuts = {0, len(text)}
        for found in between.finditer(text):
            # A message may end with the bracket that stands before the full stop.
            mark = found.end() - len(found[0].lstrip('"”)'))
            cuts |= {found.start(), mark, found.end()}
            if text[mark : mark + 1] in {".", "!", "?", "…"}:
                cuts.add(mark + 1)
        if between is _SENTENCE_ENDS or len(cuts) <= _MOST_CUTS:
            break
    within = {
        cut
        for found in _SUBJECT.finditer(text)
        for cut in (found.end(1), found.end(1) + 1, found.end(), found.end() + 1)
    }
    return sorted(cuts | within), within - cuts
