"""What a page is given and what it gives back: a request in our words, a sheet to render, a place to go next."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from headwater.app import governing
from headwater.app.place import Place, today
from headwater.domain.errors import DisclosureBlock, HeadwaterError
from headwater.domain.release import Released
from headwater.web.jobs import Job, command

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from headwater.app.answer import Answer
    from headwater.app.shelf import Shelf
    from headwater.web.access import Visitor
    from headwater.web.jobs import Jobs

Plain = str | bool | None


@dataclass(frozen=True, slots=True)
class House:
    """What all requests of a server share."""

    root: Path
    shelf: Shelf
    jobs: Jobs
    looked: set[tuple[str, ...]] = field(default_factory=set)
    """Which looks of which role stand in the audit log, by data version and day."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: `given` is the query or the form, `path` the parts of the address, `file` an upload (name,
    stream)."""

    house: House
    visitor: Visitor
    path: Mapping[str, str]
    given: Mapping[str, str]
    file: Any = None

    @property
    def place(self) -> Place:
        """The workspace, read afresh: somebody may have edited headwater.toml meanwhile."""
        return Place(self.house.root, self.visitor.acting)

    def word(self, name: str) -> str:
        return self.given.get(name, "").strip()

    def look(self, name: str, about: str = "") -> Answer | None:
        """An answer of `app.looks` as it stands; None where a step has to be run before there is one."""
        return self.house.shelf.look(name, about)

    def need(self, name: str, about: str = "") -> Answer:
        """The same of an answer that every workspace has, however little is in it."""
        found = self.look(name, about)
        if found is None:
            raise Missing("there is no answer yet", given=name, next_step="go back and reload the page")
        return found

    @property
    def names(self) -> dict[str, str]:
        """Organisation → its name, as the agencies gave it."""
        return dict(self.need("names").content["names"])

    def note_look(self, what: str) -> None:
        """Who looked at what, on which version of the data: one line a role and day, however often a page is read."""
        place, data = self.place, str(self.need("made-from").content["data_version"])
        look = (place.role, what, data, today())
        if not self.house.looked:
            self.house.looked.update(governing.looks_on_record(place))
        if look not in self.house.looked:
            self.house.looked.add(look)
            place.note(governing.LOOK.strip(), what, data)

    def start(self, what: str, words: str, next: str, about: str = "") -> Go:
        """Begin a long step in the background and go to its page."""
        job = Job(f"{what} {about}".strip(), words, next)
        if not self.house.jobs.start(job, command(self.house.root, what, about, self.visitor.acting)):
            raise Busy(self.house.jobs.now)
        return Go("/progress")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page to render. Numbers come in `answers`, which passed disclosure control; `words` are labels, links and
    forms."""

    template: str
    title: str
    answers: Mapping[str, Answer | None] = field(default_factory=dict)
    words: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200
    refresh: int = 0
    """Seconds after which the browser asks again; 0 for never."""

    def context(self) -> dict[str, Any]:
        """What the template sees. Raises DisclosureBlock for a number that did not come in a released answer."""
        for name, answer in self.answers.items():
            if answer is not None and not isinstance(answer.released, Released):
                raise DisclosureBlock("a page takes only what was released", given=name)
        _only_words(self.words)
        return {**self.words, **self.answers}


@dataclass(frozen=True, slots=True)
class Go:
    """Where to go after a form was taken; `said` names the message that the next page shows."""

    to: str
    said: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """A file to download."""

    file: Path


@dataclass(frozen=True, slots=True)
class Typed:
    """A text to download under a name."""

    name: str
    text: str


Reply = Sheet | Go | Sent | Typed


class Missing(HeadwaterError):
    """There is no such page, report or option."""


class Refused(HeadwaterError):
    """This visitor's role may not do that."""


class Busy(HeadwaterError):
    """Something long is being done already."""

    def __init__(self, job: Job | None) -> None:
        super().__init__(
            "something is being done already",
            given=job.words if job else "",
            allowed="one long step at a time",
            next_step="wait until it is done, or stop it on the page Work in progress",
        )


def _only_words(value: Any) -> None:
    if isinstance(value, Plain):
        return
    if isinstance(value, dict):
        _each(value.values())
    elif isinstance(value, list | tuple):
        _each(value)
    elif hasattr(value, "__slots__") and hasattr(value, "__dataclass_fields__"):
        _each(getattr(value, name) for name in value.__dataclass_fields__)
    else:
        raise DisclosureBlock(
            "a page takes numbers only from released answers",
            given=type(value).__name__,
            next_step="pass the answer itself, and let the template write its numbers",
        )


def _each(values: Any) -> None:
    for value in values:
        _only_words(value)
