"""The reading measure against published examples of the Flesch–Kincaid grade."""

from __future__ import annotations

import pytest

from headwater.report.readability import reading_age, syllables

PUBLISHED = [
    # Wikipedia, "Flesch–Kincaid readability tests": the grade of these sentences.
    ("The cat sat on the mat.", -1.45),
    ("This sentence, taken as a reading passage unto itself, is being used to prove a point.", 6.5),
]


@pytest.mark.parametrize(("text", "grade"), PUBLISHED)
def test_grades_agree_with_published_ones(text: str, grade: float) -> None:
    assert reading_age(text) - 5 == pytest.approx(grade, abs=0.9)


# Counts as dictionaries divide the words.
COUNTS = {
    "cat": 1,
    "table": 2,
    "hospital": 3,
    "collaboration": 5,
    "saved": 1,
    "wanted": 2,
    "ages": 2,
    "make": 1,
    "attendance": 3,
    "before": 2,
    "people": 2,
    "likely": 2,
    "measured": 2,
    "you": 1,
    "budget": 2,
}


def test_syllables_are_counted_as_dictionaries_do() -> None:
    assert {word: syllables(word) for word in COUNTS} == COUNTS


def test_amounts_and_known_terms_are_one_short_word() -> None:
    assert reading_age("It cost £1,234,567 in all.") == reading_age("It cost it in all.")
    hard = "The rehabilitation organisation is here."
    assert reading_age(hard, ("rehabilitation organisation",)) < reading_age(hard) - 5


def test_words_without_letters_need_no_age() -> None:
    assert reading_age("") == reading_age("12 – 13") == 5.0
