"""The words a board meets in the report, each said simply."""

from __future__ import annotations

GLOSSARY = {
    "absorbed": "Freed capacity that other demand takes up at once.",
    "bearer": "Whose budget pays or gains.",
    "cash": "Money that can leave a budget and be spent again.",
    "check": "A test that tries to show that the result is wrong.",
    "claim": "A saving booked in the ledger against averted contacts.",
    "comparison": "People or places like the ones helped, but without the help.",
    "contact": "One use of a service.",
    "gate": "A point where a board decides whether to go on.",
    "grade": (
        "How good the proof is, from 1 (before and after only) to 5 (a fair test, where chance decides who goes first)."
    ),
    "interval": "The range that is likely to hold the truth: 19 times in 20 for a 95% interval.",
    "ledger": "The book in which each saving is written once.",
    "rate ratio": "Contacts with the help, divided by contacts without it. Under 1 is a fall.",
    "regression to the mean": "People are often picked at their worst time, and get better anyway.",
    "released": "Capacity set free, which can be used for other work.",
    "pool": "The averted contacts of one outcome, against which savings are claimed.",
    "unchanged": "Fixed cost that stays the same whatever happens.",
}
