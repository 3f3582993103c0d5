"""Long steps in the background, one at a time, with their progress; they can be stopped between two steps of progress."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from headwater.domain.errors import HeadwaterError

if TYPE_CHECKING:
    from collections.abc import Callable


class Stopped(Exception):
    """Somebody asked for the job to stop; what was finished is kept."""


@dataclass
class Job:
    """What is being done, how far it is, and how it ended ('' while it runs)."""

    name: str
    step: str = ""
    share: float = 0.0
    ended: str = ""
    stop: bool = False

    def progress(self, step: str, done: float, of: float) -> None:
        if self.stop:
            raise Stopped
        self.step, self.share = step or self.step, min(done / of, 1.0) if of else 0.0


class Jobs:
    """The one worker. Two people at once see the same job; a second one waits until it is done."""

    def __init__(self) -> None:
        self.now: Job | None = None
        self._lock = threading.Lock()

    def start(self, name: str, work: Callable[[Any], Any]) -> bool:
        """Begin, unless something runs already."""
        with self._lock:
            if self.now is not None and not self.now.ended:
                return False
            self.now = Job(name)
        threading.Thread(target=self._run, args=(self.now, work), daemon=True).start()
        return True

    def _run(self, job: Job, work: Callable[[Any], Any]) -> None:
        try:
            work(job.progress)
            job.ended = "Done."
        except Stopped:
            job.ended = "Stopped. What was finished is kept."
        except HeadwaterError as problem:
            job.ended = str(problem)
        except Exception as problem:  # a page must say that it failed; the traceback would hold values
            job.ended = f"It failed ({type(problem).__name__}). Type the same step on the command line to see more."
