"""The partners that one cell of a list names, as people write them: commas, slashes, ampersands, initials, footnote
numbers.

A cell is cut at the strongest mark that it has. "and" and "&" cut only where the two sides are not one name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from headwater.partners.register.known_names import AREAS, INITIALS, WHOLE
from headwater.partners.register.resolve import plain
from headwater.partners.register.sorts import sort_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.partners.register.resolve import Find

COMPASS = {"N": "North", "S": "South", "E": "East", "W": "West"}
OF_AREAS = re.compile(
    r"\b(police|forces|constabular\w*|fire|rescue|frs|f&rs|o?pcc|p?fcc|ambulance|nhs|icb|ics|integrated"
    r" care|hospitals?|combined authority|passenger transport|ccg|trust|probation|lep|strategic"
    r" health|mayor\w*|foundation|crime|commissioners?|for|office)\b",
    re.IGNORECASE,
)
EMERGENCY = re.compile(r"\b(?:police|constabular\w+|fire|frs)\b", re.IGNORECASE)
TOGETHER = re.compile(
    r"\b(fire|police|health|revenues?|hr|human resources|care|adult|adults|children|learning|research|mental"
    r" health|nhs|social"
    r" care|housing|parks|roads|culture|planning|estates|people|women'?s|acute|community|drug|violence"
    r"|waste|trading|blood)"
    r"\s*(?:&|and)\s*(rescue|crime|social care|care|wellbeing|benefits?|payroll|ict|it|learning"
    r" disabilit\w+|families"
    r"|young"
    r" people|development|regeneration|homes|leisure|alcohol|justice|recycling|transplant|regulation"
    r"|environment|education|children)\b"
    r"|\b(mid|county)\s*(?:&|and)\s*(city of|east|west|north|south)\b",
    re.IGNORECASE,
)
"""Words that an "and" joins within one body's name."""
ONE_BODY = re.compile(
    r"\b(nhs|healthcare|hospitals?|infirmary|university|college|icb|ccg|integrated care (?:board|system)|foundation"
    r" trust|ft|trust)\b(?!s)",
    re.IGNORECASE,
)
OF = re.compile(r",\s*((?:city|county|royal borough|borough)(?: and county)? of)\b", re.IGNORECASE)
FOOTNOTE = re.compile(r"\s*(?:\[\d+\]|\(\d{1,2}\)|[¹²³⁴⁵⁶⁷⁸⁹⁰*†‡]+|(?<=[a-z.])\d{1,2})\s*$")
ASIDE = re.compile(
    r"\s*\((?:lead|host|left|from|until|joined|since|to|client|customer|and others|various|\d{4})[^)]*\)", re.IGNORECASE
)
OF_MANY_PLACES = re.compile(
    r"^(?:age (?:uk|concern)|citizens advice|mind"
    r" in|healthwatch|home-?start|relate|crossroads|rethink|samaritans)\b[^,;/]*$",
    re.IGNORECASE,
)
"""Charities whose branches bear the names of several places."""
BRACKETED = re.compile(r"\(([^()]*)\)")
A_SERVICE = re.compile(
    r"\b(hr|it|ict|legal|audit|payroll|finance|waste|planning|revenues?|benefits?|procurement|services?|housing|leisure|control|management|health|team|office)\b",
    re.IGNORECASE,
)
OTHERS = re.compile(
    r"^(?:and |plus )?(?:\d+ |two |three |four |five |six |several |various |all |the"
    r" )*(?:other|others|more|neighbouring|partner)\b.*$|^(?:etc\.?|others?|tbc|n/?a|various)$",
    re.IGNORECASE,
)
TAIL = re.compile(
    r"\s+(police|police forces?|constabular(?:y|ies)|fire(?: (?:and|&) rescue)?(?: services?|"
    r" authorit(?:y|ies))?|fire|f&?rs|o?pcc|ambulance(?: services?)?|"
    r"(?:(?:city|county|borough|district|town|metropolitan|unitary|london borough) )*councils?|ccgs?|nhs"
    r" trusts?|dcs?|bcs?|ccs?|uas?|mbcs?|mdcs?|cbcs?|boroughs?|districts?)$",
    re.IGNORECASE,
)
"""What stands behind the last name of a list and is meant of each before it."""


def names_in(cell: str, find: Find) -> tuple[str, ...]:
    """The partners of a cell in their order, each once; what only says "and others" is left out."""
    cell = re.sub(r"\b(N|S)\.?(E|W)\.?\s(?=[A-Z])", lambda match: f"{COMPASS[match[1]]} {COMPASS[match[2]]} ", cell)
    text = re.sub(
        r"\bpolice,\s+fire(?= (?:and|&) crime\b)",
        "Police Fire",
        OF.sub(r" \1", ASIDE.sub("", cell)),
        flags=re.IGNORECASE,
    )
    text = re.sub(
        r"\bjoint (?:\w+ )?(?:committee|board|arrangement) (?:of|for|between)\s+(?=[A-Z].*(?:\band\b|&|,))",
        "",
        text,
        flags=re.IGNORECASE,
    )
    text = _unbracketed(text, find)
    found: list[str] = []
    for piece in re.split(r"[;|\n\r•·]|\s\+\s|<br/?>|\s[–—-]\s", text):
        of_a_force = plain(piece) in AREAS and EMERGENCY.search(text)
        found += [piece] if of_a_force else _piece(piece, find)
    cleaned = (_clean(name, find) for name in found)
    return tuple(dict.fromkeys(name for name in cleaned if name and not OTHERS.match(name)))


def _unbracketed(text: str, find: Find) -> str:
    """Brackets that hold the members of a joint body give the members; what stands in others is another name, or a
    remark."""
    cut = 0
    while found := BRACKETED.search(text, cut):
        before = re.split(r"[;|\n\r•·/,]", text[: found.start()])[-1]
        inside = found[1].strip(" ,;")
        more = re.match(r"(?:and|with|plus|&|\+)\s+(.*)", inside, re.IGNORECASE)
        named = names_in(inside, find) if re.search(r"[,;/&]|\band\b", inside) and not more else ()
        if more and _is_body(more[1], find):
            text = f"{text[: found.start()]}; {more[1]}{text[found.end() :]}"
        elif len(named) > 1 and (
            _all_bodies(named, find) or (not _is_body(before, find) and all(_named_body(name, find) for name in named))
        ):
            text = f"{text[: found.start() - len(before)]}{'; '.join(named)}{text[found.end() :]}"
        elif re.fullmatch(r"\d{1,2}|\w", inside):
            cut = found.end()
        else:
            text = text[: found.start()].rstrip() + text[found.end() :]
    return text


def _is_body(text: str, find: Find) -> bool:
    return bool(text.strip()) and bool(sort_of(_bare(text), find))


def _all_bodies(names: Sequence[str], find: Find) -> bool:
    return all(_is_body(name, find) for name in names)


def _named_body(name: str, find: Find) -> bool:
    """A name that could be a body's: known, with a word for its sort, or a bare place; none of a service."""
    place = re.fullmatch(r"[A-Z][\w'’]+(?:[ -](?:[A-Z][\w'’]+|upon|on|in|under|and|the|le|of|with|&))*", name)
    return _is_body(name, find) or bool(
        place and not A_SERVICE.search(name) and (not name.isupper() or name.lower() in INITIALS)
    )


def _piece(piece: str, find: Find) -> list[str]:
    """A stretch without the strongest marks: a joint body's own name before a colon, slashes, commas, then "and"."""
    before, colon, after = piece.partition(":")
    if colon and after.strip():
        return [*_piece(before, find), *_piece(after, find)]
    if _one(piece, find):
        return [piece]
    for mark in (r"\s*/\s*", r"\s*,\s*(?:and\s+|&\s*)?"):
        parts = [part for part in re.split(mark, _guarded(piece)) if part.strip()]
        if len(parts) > 1:
            cut = [name for part in _rejoined(parts, find) for name in _piece(_open(part), find)]
            return _tailed(cut) if re.search(r"\band\b|&", parts[-1]) else cut
    return _tailed(_anded(piece, find))


def _rejoined(parts: list[str], find: Find) -> list[str]:
    """Neighbours that a comma parted within one name ("Bournemouth, Christchurch and Poole"), together again."""
    made: list[str] = []
    for part in parts:
        joined = f"{made[-1]}, {part}" if made else ""
        if joined and re.search(r"\band\b|&", part) and _one(joined, find):
            made[-1] = joined
        else:
            made.append(part)
    return made


def _anded(piece: str, find: Find) -> list[str]:
    """Cut at "and" and "&", but for two sides that together are one name."""
    parts = [
        part
        for part in re.split(r"\s+and\s+|\s*&\s*|(?<!Blackburn)\s+with\s+", _guarded(piece), flags=re.IGNORECASE)
        if part.strip()
    ]
    made: list[str] = []
    for part in parts:
        joined = f"{made[-1]} and {_open(part)}" if made else ""
        if joined and _one(joined, find):
            made[-1] = joined
        else:
            made.append(_open(part))
    return made


def _one(text: str, find: Find) -> bool:
    """Whether the text is one body's name."""
    bare = _bare(text)
    base = TAIL.sub("", bare)
    if OF_MANY_PLACES.match(bare) and not re.search(r"\b(council|nhs|police|trust|fire|[dbc]c)\b", bare, re.IGNORECASE):
        return True
    if (
        plain(bare) in WHOLE
        or plain(base) in WHOLE
        or (OF_AREAS.search(bare) and plain(OF_AREAS.sub(" ", base)) in AREAS)
        or bare.lower() in INITIALS
        or find(bare, None) is not None
    ):
        return True
    return _one_health_body(bare)


def _one_health_body(bare: str) -> bool:
    """Places, and at the end what they have together: "Derby and Burton Hospitals", "Bedfordshire, Luton and Milton
    Keynes ICB"."""
    bare = _guarded(re.sub(r"^(?:the )?NHS\s+(?=[A-Z])", "", bare))
    said = ONE_BODY.search(bare)
    marks = r"\s*,\s*|\s+and\s+|\s*&\s*"
    if (
        said is None
        or "/" in bare
        or ("," in bare and not re.search(r"\b(icb|integrated care (board|system))$", bare, re.IGNORECASE))
    ):
        return False
    first = re.split(marks, bare[: said.start()], flags=re.IGNORECASE)[:-1]
    return not any(
        re.search(r"\b[A-Z]{2,}\b", name)
        or TAIL.search(f" {name}")
        or re.search(r"\b(gps?|alliance|uk|group)\b", name, re.IGNORECASE)
        for name in first
    ) and not _apart(bare, said)


def _apart(bare: str, said: re.Match[str]) -> bool:
    """Whether another name follows behind the words of the body."""
    return bool(re.search(r",|\band\b|&", bare[said.end() :]))


def _tailed(names: list[str]) -> list[str]:
    """ "Bedfordshire, Cambridgeshire and Hertfordshire Police" names three forces."""
    names = [name for name in names if not OTHERS.match(_bare(name))]
    tails = [TAIL.search(_bare(name)) for name in names]
    first = next((at for at, tail in enumerate(tails) if tail), 0)
    last = tails[-1] if tails else None
    if not first or last is None or any(tail is None or tail[1].lower() != last[1].lower() for tail in tails[first:]):
        return names
    if not re.search(r"police|constabular|fire|ambulance|ccg|trust|councils|forces", last[1], re.IGNORECASE):
        return names
    if any(
        ONE_BODY.search(name) or name.strip().isupper() or _bare(name).lower() in INITIALS for name in names[:first]
    ):
        return names
    each = {"constabularies": "Constabulary", "councils": "Council", "police forces": "Police"}.get(
        last[1].lower(), last[1]
    )
    return [*(f"{_bare(name)} {each}" for name in names[:first]), *names[first:]]


def _guarded(text: str) -> str:
    """Within one body's name, and within initials, an "and" is no mark."""
    text = re.sub(
        r"\b(h&f|k&c|b&nes|cw&c|kl&wn)\b",
        lambda match: INITIALS[match[1].lower()].replace(" and ", "\0").replace(", ", "\0"),
        text,
        flags=re.IGNORECASE,
    )
    return TOGETHER.sub(lambda match: f"{match[1] or match[3]}\0{match[2] or match[4]}", text)


def _open(text: str) -> str:
    return text.replace("\0", " and ")


def _bare(text: str) -> str:
    return " ".join(_open(text).split()).strip(" .,-–:&")


def _clean(name: str, find: Find) -> str:
    """Without marks and footnotes, initials written out; a figure that belongs to an unknown name stays."""
    bare = re.sub(r"^(?:the|and|with|between|plus)\s+", "", _bare(name), flags=re.IGNORECASE)
    noted = FOOTNOTE.sub("", bare).strip()
    if noted != bare and (
        find(noted, None)
        or plain(noted) in WHOLE
        or not re.search(r"[a-z]\d{1,2}$", bare)
        or TAIL.search(noted)
        or " " in noted
    ):
        bare = noted
    for letter, word in COMPASS.items():
        bare = re.sub(rf"\b{letter}\.\s?(?=[A-Z])", f"{word} ", bare)
    return INITIALS.get(bare.lower(), bare)
