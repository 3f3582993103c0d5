"""The long step that is being done: how far it is, what is left, and stopping it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.web.asking import Go, Sheet

if TYPE_CHECKING:
    from headwater.web.asking import Ask

EVERY = 2
"""Seconds between two looks; a header asks the browser, so that it works without JavaScript."""


def show(ask: Ask) -> Sheet:
    job = ask.house.jobs.now
    if job is None:
        return Sheet("work.html.j2", "Work in progress", words={"state": "none"})
    still = ask.word("still") == "yes"
    words = {
        "state": "running" if not job.ended else "well" if job.well else "ended",
        "what": job.words,
        "step": job.step,
        "percent": f"{job.share * 100:.0f}",
        "left": job.left,
        "ended": job.ended,
        "next": job.next,
        "still": still,
        "steps": tuple(job.steps[:-1]),
        "usual": ask.house.jobs.usual(job.what),
        "width": f"{round(job.share * 20) * 5}",
    }
    title = job.words if not job.ended else "Done" if job.well else "It ended early"
    return Sheet("work.html.j2", title, words=words, refresh=0 if still or job.ended else EVERY)


def stop(ask: Ask) -> Go:
    ask.house.jobs.stop()
    return Go("/progress")


def ready(ask: Ask) -> Go:
    return ask.start("ready", "Make the pages ready", "/")


def everything(ask: Ask) -> Go:
    return ask.start("everything", "Do every step", "/", "html,pdf,docx,xlsx,ods")
