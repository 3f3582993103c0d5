"""Names that are one to whoever reads them: capitals, wide forms, accents, letters that cannot be seen or that look
like others."""

from __future__ import annotations

import unicodedata

LOOK_ALIKE = str.maketrans(
    "\u0430\u0432\u0435\u0456\u0458\u043a\u043c\u043d\u043e\u0440\u0455\u0441\u0442\u0443\u0445\u0501\u051b\u051d\u04bb\u04cf"
    "\u03b1\u03b2\u03b5\u03b9\u03ba\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7\u03b3\u0131\u0142\u00f8\u0111\u0127",
    "abeijkmhopsctyxdqwhlabeikvoptuxyilodh",
)
"""Cyrillic, Greek and Latin letters that print like plain ones (Unicode, UTS 39, confusables of one letter)."""
UNSEEN = ("Cf", "Cc", "Mn")
WITHIN = "@.-"
"""Signs that part no word: those of an address."""


def spelled(text: str) -> str:
    """The name in one spelling: plain small letters and figures, single spaces, signs within a word alone."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    seen = "".join(letter for letter in folded if unicodedata.category(letter) not in UNSEEN).translate(LOOK_ALIKE)
    kept = "".join(letter if letter.isalnum() or letter in WITHIN else " " for letter in seen)
    return " ".join(word for part in kept.split() if (word := part.strip(WITHIN)))


def letters_of(text: str) -> str:
    """The name's letters and figures alone: how its words are joined is no difference."""
    return "".join(letter for letter in spelled(text) if letter.isalnum())
