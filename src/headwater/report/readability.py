"""How old a reader must be: the Flesch–Kincaid grade, with words the reader knows or is told counted as short ones.

Grade = 0.39 × words a sentence + 11.8 × syllables a word − 15.59 (Kincaid, Fishburne, Rogers and Chissom 1975, Naval
Technical Training Command research branch report 8-75); the reading age is the grade plus five. Amounts (£1,200, 95%),
names in the report's own list and terms of its glossary count as one word of one syllable each, as familiar words do in
the Dale–Chall
measure: they cannot be said more simply, and the glossary says what they mean.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

SENTENCE_END = re.compile(r"[.!?:;]+(?:\s+|$)")
WORD = re.compile(r"[A-Za-z][A-Za-z’'-]*")
AMOUNT = re.compile(r"[−-]?£?\d[\d,.]*\d(?:%|k|m|bn)?|[−-]?£?\d(?:%|k|m|bn)?")
KNOWN = "it"
"""What an amount or a known term is counted as."""


def reading_age(text: str, known: Iterable[str] = ()) -> float:
    """Years of age at which the text can be read; known: names and terms that count as one short word each."""
    plain = _known(text, known)
    sentences = [piece for piece in SENTENCE_END.split(plain) if WORD.search(piece)]
    words = WORD.findall(plain)
    if not sentences or not WORD.search(text):
        return 5.0
    grade = 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59
    return grade + 5


def _known(text: str, known: Iterable[str]) -> str:
    for term in sorted(known, key=len, reverse=True):
        text = re.sub(rf"\b{re.escape(term)}", KNOWN, text, flags=re.IGNORECASE)
    return AMOUNT.sub(KNOWN, text)


def syllables(word: str) -> int:
    """Groups of vowels, less a silent final e; -le and -ed after t or d keep theirs."""
    plain = re.sub(r"[^a-z]", "", word.lower())
    plain = re.sub(r"ely$", "ly", plain)
    if len(plain) <= 3:
        return 1
    if re.search(r"[^aeiouytd]ed$", plain) or re.search(r"[^aeioulszxcg]es$", plain):
        plain = plain[:-2]
    elif plain.endswith("e") and not re.search(r"[^aeiouy]le$", plain):
        plain = plain[:-1]
    return max(1, len(re.findall(r"[aeiouy]+", plain)))
