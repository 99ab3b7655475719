"""`had` of English: a time before, or a condition without its word."""

import re
from typing import Final

HAD_FIRST: Final = re.compile(
    r"(?:^|[:-])\s*(?:but |and |so )?had (?:we|they|you|he|she|it|i|the|our|your|this|anyone)\s"
)
"""`had they arrived on time, we would be done`: an "if" without its word."""
HAD_SOMEBODY: Final = re.compile(r"(?<!\w)(?:we|i|they) had (?:a|an|the|our|one|two|three|some)\s(?:\w+\s){1,2}$")
"""`we had a crew on site`."""
HAD: Final = re.compile(r"(?<!\w)(?:had|we'd|i'd|they'd)\s(?:\w+\s)?$")
CALLED_OFF: Final = re.compile(
    r"(?<!\w)(?:cancell?\w*|withdr[ae]w\w*|called (?:it |this )?off|declin\w*|refus\w*|drop|(?:not|no longer|"
    r"don't) need\w*)(?!\w)"
)
"""`request 101 is cancelled. We had accepted it`: told of the time before."""
