"""English tells with one form what is so now and what is arranged: `we are replacing the pump`."""

import re
from typing import Final

from core.letters.looks import Look

_LATER: Final = re.compile(
    r"(?<!\w)(?:tomorrow|tmrw|tonight|later|soon|shortly|next|monday|tuesday|wednesday|thursday|friday|saturday|sunday|"
    r"this (?:afternoon|evening|week|month)|in the (?:morning|afternoon|evening)|thing|after|before|when|once|until|"
    r"till|in (?:a|an|half|\d+|one|two) (?:an? )?(?:min\w*|hours?|days?|weeks?)|every|per|usually|rarely|often|less|"
    r"always|daily|yesterday|last|ago)(?!\w)|(?<!\w)(?:at|by|from|around|about|between|on|for) (?:about |the )?\d"
)
_OTHER: Final = re.compile(
    r"(?<!\w)(?:another|other|others|previous|different|elsewhere|neighbou?r\w*|training|sick|managers?|engineers?|crew|team|master)(?!\w)"
)
"""Another place or job; or whoever comes is himself replaced."""
_SINCE: Final = re.compile(
    r"(?<!\w)(?:since|from) (?:(?:early |this |the )?(?:morning|noon|lunch)|\d{1,2}(?:[:.]\d\d)?"
    r"(?: ?[ap]m| o'clock| in the morning)?)"
)
"""`from 9 in the morning our workers are on the roof`."""
_PRONOUN: Final = re.compile(r"(?:^|\s)(?:we|i|they|he|she)\s+(?:both |all |now |already |still )*$")
_JOINED: Final = re.compile(r"\sand (?:is |are )?(?:both |all |now |already |still )*$")
"""`the crew set out at 7:40 and is driving`: the subject stands before the other verb."""
_NOUN: Final = re.compile(r"(?P<lead>(?:[\w'-]+\s+){0,4})(?P<noun>[\w'-]+)\s+(?:both |all |now |already |still )*$")
_GOVERNED: Final = re.compile(
    r"(?<!one )(?<!two )(?<!both )(?<!three )(?<!\w)(?:for|of|by|with|from|to|than|as|that|without|and)\s+"
    r"(?:(?:the|our|your|a|an|my)\s+)?(?:\w+\s+)?$"
)
_ALSO: Final = re.compile(r"van|truck|lorry|machine|vehicle|masters?|patrol")

_OUR_OWN: Final = re.compile(r"people|friends?|staff|partners?|service|department")


def by_crew_now(look: Look) -> bool:
    """One of the crew is the subject right before the verb; its clause tells no time to come and no other place."""
    following = look.sentence.text[look.match.end() :].lstrip(" ,")
    if (
        _LATER.search(_SINCE.sub(" ", look.lead))
        or _LATER.search(look.tail)
        or _LATER.match(following)
        or _OTHER.search(look.phrase + look.tail)
    ):
        return False
    if "'" in look.phrase.split(" ")[0] or _PRONOUN.search(look.before):
        return True
    if _JOINED.search(look.before) and look.has_crew(strict=False, text=look.before):
        return not look.has_outsider(look.before)
    subject = _NOUN.search(look.before)
    if subject is None or _is_governed(look, subject["lead"]):
        return False
    noun = subject["noun"]
    return any(look.words[kind].fullmatch(noun) for kind in ("crew", "names")) or bool(
        _ALSO.fullmatch(noun) or (_OUR_OWN.fullmatch(noun) and subject["lead"].endswith("our "))
    )


def _is_governed(look: Look, lead: str) -> bool:
    """`the keys of the engineer`; but not in `Jed and the apprentice`."""
    governed = _GOVERNED.search(lead)
    if governed is None:
        return False
    return not governed[0].startswith("and ") or not (look.has("names", lead) or look.has_crew(strict=True, text=lead))


_STARTED: Final = re.compile(r"(?<!\w)(?:started|begun|commenced)(?!\w)(?P<what>.*)")
_NO_WORK: Final = re.compile(
    r"\s(?:(?:to|with|on|the|a|our|their) )*(?:plan|prepar|look|search|order|sourc|quot|draw|paper|process|mak|feel|"
    r"gett|driv|travel|walk|journey|trip|think|writ|call|wait|train)"
)


def starts_no_work(look: Look) -> bool:
    """`we have started planning`, `the van has started making a noise`: no work at the request was begun."""
    begun = _STARTED.search(f"{look.phrase}{look.after}")
    if begun is None or begun.start() >= len(look.phrase):
        return False  # `is on site now and has started looking`
    return _NO_WORK.match(begun["what"]) is not None
