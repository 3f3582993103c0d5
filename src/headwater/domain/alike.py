"""Who a record says it is, as one hash: so that somebody who was forgotten is known again under another number."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

LOOKS = ("given_name", "family_name", "birth_date", "postcode")


def looks(
    given: Sequence[str | None],
    family: Sequence[str | None],
    born: Sequence[date | None],
    postcode: Sequence[str | None],
) -> list[str]:
    """A hash a record of its names' letters, birth date and postcode; '' where any is unknown, since too many look
    alike then.

    Not keyed: whoever keeps it for good keeps a keyed hash of it. The note of an act that was cut off alone has it as
    it is.
    """
    return [
        _hash(_letters(one), _letters(other), day.isoformat(), _letters(code)) if one and other and day and code else ""
        for one, other, day, code in zip(given, family, born, postcode, strict=True)
    ]


def _letters(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def _hash(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
