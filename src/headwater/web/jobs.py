"""Long steps, each in a process of its own, one at a time: readers are served meanwhile, and a step can be cut off.

A step that is cut off loses at most itself: what was finished is kept in the store under the hash of what it was made
from.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

STOPPED = "Stopped. What was finished is kept."
FAILED = "It failed, and said nothing more. Type the same step on the command line to see why."


@dataclass
class Job:
    """What is being done and how far it is. `ended` is '' while it runs, then how it ended; `well` whether it did its
    work."""

    what: str
    words: str
    next: str
    """The page to go to when it is done."""
    step: str = ""
    share: float = 0.0
    ended: str = ""
    well: bool = False
    began: float = field(default_factory=time.monotonic)
    took: float = 0.0
    steps: list[str] = field(default_factory=list)
    process: subprocess.Popen[str] | None = None
    stopping: bool = False
    _step_began: float = field(default_factory=time.monotonic)

    def told(self, step: str, done: float, of: float) -> None:
        """Progress as the use case tells it: work done of all the work, 0 for unknown."""
        if step and step != self.step:
            self.step, self._step_began = step, time.monotonic()
            self.steps.append(step)
        self.share = min(max(done / of, 0.0), 1.0) if of else 0.0

    @property
    def left(self) -> str:
        """How long this step goes on at its pace so far; '' where it is too early to say."""
        gone = time.monotonic() - self._step_began
        return spoken(gone * (1 - self.share) / self.share) if self.share > 0.05 and gone > 1 else ""


def spoken(seconds: float) -> str:
    """A length of time as one says it."""
    if seconds < 60:
        return f"about {max(round(seconds / 5) * 5, 5)} seconds"
    minutes = round(seconds / 60)
    return "about a minute" if minutes == 1 else f"about {minutes} minutes"


class Jobs:
    """The one worker. Two people at once see the same job; a second job is refused until the first is done."""

    def __init__(self, times: Path | None = None) -> None:
        self.now: Job | None = None
        self._times = times
        self._lock = threading.Lock()

    def start(self, job: Job, command: list[str]) -> bool:
        """Begin, unless something runs already."""
        with self._lock:
            if self.running:
                return False
            job.process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, encoding="utf-8"
            )
            self.now = job
        threading.Thread(target=self._follow, args=(job,), daemon=True).start()
        return True

    @property
    def running(self) -> bool:
        return self.now is not None and not self.now.ended

    def stop(self) -> None:
        job = self.now
        if job is not None and job.process is not None and not job.ended:
            job.stopping = True
            job.process.terminate()

    def usual(self, what: str) -> str:
        """How long this took the last time, '' where it never ran."""
        seconds = self._past().get(what)
        return spoken(seconds) if seconds else ""

    def _follow(self, job: Job) -> None:
        if job.process is None or job.process.stdout is None:
            return
        said: dict[str, object] = {}
        for line in job.process.stdout:
            said = _read(line) or said
            if "step" in said:
                job.told(str(said["step"]), float(str(said["done"])), float(str(said["of"])))
        job.process.wait()
        job.took = time.monotonic() - job.began
        job.well = bool(said.get("well"))
        if job.well:
            self._remember(job)
        job.ended = STOPPED if job.stopping and not job.well else str(said.get("ended") or FAILED)

    def _past(self) -> dict[str, float]:
        try:
            found = json.loads(self._times.read_text(encoding="utf-8")) if self._times else {}
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _remember(self, job: Job) -> None:
        if self._times is not None and self._times.parent.is_dir():
            self._times.write_text(json.dumps({**self._past(), job.what: round(job.took, 2)}), encoding="utf-8")


def _read(line: str) -> dict[str, object]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def command(root: Path, what: str, about: str, acting: str) -> list[str]:
    """How a step is started in a process of its own; `work.py` is at its other end."""
    return [sys.executable, "-m", "headwater.web.work", str(root), what, about, acting]
