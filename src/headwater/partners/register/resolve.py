"""Which organisation a name in a list means: by its plain words, and by the day, because bodies end and others take
their names."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

    from headwater.domain.collaboration import Organisation

    Find = Callable[[str, date | None], Organisation | None]

LEFT_OUT = re.compile(
    r"\b(the|council|councils|borough|district|county|city|metropolitan|london|royal|of|and|unitary|authority|service|services"
    r"|trust|nhs|foundation|mbc|lbc|lb|rb|cbc|bc|dc|cc|mdc|ua)\b"
)
"""Words that lists leave out or abbreviate."""


SHORT = {
    "beds": "bedfordshire",
    "berks": "berkshire",
    "bucks": "buckinghamshire",
    "cambs": "cambridgeshire",
    "glos": "gloucestershire",
    "hants": "hampshire",
    "herts": "hertfordshire",
    "lancs": "lancashire",
    "leics": "leicestershire",
    "lincs": "lincolnshire",
    "northants": "northamptonshire",
    "notts": "nottinghamshire",
    "oxon": "oxfordshire",
    "salop": "shropshire",
    "staffs": "staffordshire",
    "warks": "warwickshire",
    "wilts": "wiltshire",
    "worcs": "worcestershire",
}
"""Counties as lists shorten them, for names that the register has in full."""


def plain(name: str) -> str:
    """A name without the words that lists leave out, for finding it in the register."""
    letters = (
        unicodedata.normalize("NFKD", name.lower()).encode("ascii", "ignore").decode()
        if not name.isascii()
        else name.lower()
    )
    words = re.sub(r"[^a-z0-9 ]", " ", re.sub(r"['’]", "", letters).replace("&", " and "))
    return " ".join(LEFT_OUT.sub(" ", words).split())


def resolver(bodies: Iterable[Organisation]) -> Find:
    """A function from a name (or code) and a day to the organisation that bore it then.

    Several bodies may bear one name in turn (a county that became a unitary): the one that lived on the day is meant,
    or the newest where no day is given. A body's code is as good as its name.
    """
    named: dict[str, list[Organisation]] = defaultdict(list)
    for body in bodies:
        for key in dict.fromkeys((plain(body.name), body.organisation.lower())):
            named[key].append(body)

    def find(name: str, day: date | None = None) -> Organisation | None:
        key = plain(name)
        long = " ".join(SHORT.get(word, word) for word in key.split())
        found = named.get(key) or named.get(name.strip().lower()) or named.get(long) or []
        alive = [body for body in found if day is None or _lived(body, day)]
        return max(alive or found, key=_newest, default=None)

    return find


def _lived(body: Organisation, day: date) -> bool:
    return (body.start is None or body.start <= day) and (body.end is None or body.end >= day)


def _newest(body: Organisation) -> tuple[bool, str, str]:
    return body.end is None, body.start.isoformat() if body.start else "", body.organisation
