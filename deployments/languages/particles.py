"""Korean particles: which of the two it is depends on whether the word before ends in a consonant."""

import re

_DIGITS_WITH_CONSONANT = frozenset("013678")
_PAIRS = {
    "을(를)": ("을", "를"),
    "이(가)": ("이", "가"),
    "은(는)": ("은", "는"),
    "과(와)": ("과", "와"),
    "으로(로)": ("으로", "로"),
    "(이)라고": ("이라고", "라고"),
}
_OPEN = re.compile(f"(?P<before>.)(?P<added>[(][^()]*[)])?(?P<particle>{'|'.join(map(re.escape, _PAIRS))})")
_FIRST, _LAST, _FINALS, _RIEUL = 0xAC00, 0xD7A3, 28, 8


def settled(text: str) -> str:
    """ "서비스을(를)" becomes "서비스를", and "승인 1건(승인자)을(를)" goes by what stands before the brackets.

    Behind a Latin letter both stay, since its sound is not known here.
    """
    return _OPEN.sub(lambda found: f"{found[1]}{found[2] or ''}{_settled(found[1], found[3])}", text)


def _settled(before: str, particle: str) -> str:
    with_consonant, without = _PAIRS[particle]
    if _FIRST <= ord(before) <= _LAST:
        final = (ord(before) - _FIRST) % _FINALS
    elif before.isdigit() and before.isascii():
        # 1, 7 and 8 end in ㄹ
        final = _RIEUL if before in "178" else int(before in _DIGITS_WITH_CONSONANT)
    else:
        return particle
    if particle == "으로(로)" and final == _RIEUL:
        return without
    return with_consonant if final else without
