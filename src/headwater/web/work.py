"""The other end of a job: one use case in a process of its own, its progress as lines of JSON on stdout."""

from __future__ import annotations

import json
import os
import sys
import time
from typing import TYPE_CHECKING, Any

from headwater.domain.errors import HeadwaterError

if TYPE_CHECKING:
    from collections.abc import Callable

    from headwater.app.place import Place
    from headwater.domain.progress import Progress

    Step = Callable[[Place, str, Progress], Any]

LEAST = 0.2
"""Seconds between two lines about the same step."""


def load(place: Place, about: str, progress: Progress) -> None:
    from headwater.app import reading

    reading.load(place, progress)
    with place.store() as store:
        people = store.has("contact") or store.has("count")
    # Registers alone hold nobody to link, and bear mirror options all the same.
    if people:
        reading.link(place, progress)


def partners(place: Place, about: str, progress: Progress) -> None:
    from headwater.app import choosing

    choosing.find(place, about or None, None, progress)


def first(place: Place, about: str, progress: Progress) -> None:
    """From files to a ranked list of partners."""
    load(place, about, progress)
    partners(place, "", progress)


def plan(place: Place, about: str, progress: Progress) -> None:
    from headwater.app import planning

    planning.plan(place, about, progress)


def evaluate(place: Place, about: str, progress: Progress) -> None:
    from headwater.app import evaluating

    evaluating.evaluate(place, about, progress)


def count(place: Place, about: str, progress: Progress) -> None:
    from headwater.app import counting

    counting.count(place, about, progress)


def report(place: Place, about: str, progress: Progress) -> None:
    from headwater.app import leaving

    leaving.report(place, tuple(about.split(",")), progress)


def everything(place: Place, about: str, progress: Progress) -> None:
    from headwater.app import run

    run.run(place, tuple(about.split(",")), progress)


def check(place: Place, about: str, progress: Progress) -> None:
    from headwater.app import reading

    reading.check(place, progress)


def nothing_else(place: Place, about: str, progress: Progress) -> None:
    """What the pages show, made ready; every other step ends with it too."""


STEPS: dict[str, Step] = {
    "first": first,
    "load": load,
    "partners": partners,
    "plan": plan,
    "evaluate": evaluate,
    "count": count,
    "report": report,
    "everything": everything,
    "check": check,
    "ready": nothing_else,
}


class Teller:
    """Progress as lines: every new step at once, the rest a few times a second."""

    def __init__(self) -> None:
        self.step, self.at = "", 0.0

    def __call__(self, step: str, done: float, of: float) -> None:
        now = time.monotonic()
        if step == self.step and now - self.at < LEAST:
            return
        self.step, self.at = step, now
        say({"step": step, "done": float(done), "of": float(of)})


def say(what: dict[str, object]) -> None:
    print(json.dumps(what, ensure_ascii=False), flush=True)


def main(root: str, what: str, about: str, acting: str) -> int:
    """0 when the step was done. An unknown failure says its kind only: a traceback could hold values of people."""
    from headwater.app.place import Place
    from headwater.app.ready import ready

    if hasattr(os, "nice"):
        os.nice(5)
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    try:
        place, teller = Place(root, acting), Teller()
        STEPS[what](place, about, teller)
        ready(place, teller)
    except HeadwaterError as problem:
        say({"ended": str(problem), "well": False})
        return problem.exit_code
    except Exception as problem:
        say(
            {
                "ended": f"It failed ({type(problem).__name__}). Type the same step on the command line to see more.",
                "well": False,
            }
        )
        return 1
    say({"ended": "Done.", "well": True})
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:5]))
