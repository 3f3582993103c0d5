"""Worlds of services: who truly averts A&E attendances, and who only looks as if.

People have a frailty and crises that no file records. Two services avert for some time after each contact; the rest
change nothing and come about in the ways that mislead: after a wait, at a review, in a season, before death, when a
crisis is over, because the demand was there, because a doctor saw the crisis. Attendances are drawn as they would have
come and struck out one by one where a recent contact of a true averter covers the day.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import tally
from .folder import File, World, dates, opened, written
from .people import by_hazard

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FIRST = date(2021, 1, 1)
DAYS = 1092
AVERTERS = {"falls-team": (0.55, 90), "key-worker": (0.65, 150)}
DECOYS = (
    "pain-clinic",
    "yearly-review",
    "flu-clinic",
    "hospice",
    "exercise-class",
    "discharge-call",
    "crisis-line",
    "memory-clinic",
)
NOTHINGS = tuple(f"nothing-{n}" for n in range(10))
WORLDS = {"all-services": None, "nothing-averts": None, "linked-badly": None, "none-declared": None}


def days_of(chance: Floats, random: np.random.Generator) -> Ints:
    """Contacts by day from daily chances."""
    return (random.random(chance.shape) < chance).astype(np.int64)


def delayed(counts: Ints, low: int, high: int, share: float, random: np.random.Generator) -> Ints:
    """A contact some days after a share of the demand."""
    out = np.zeros_like(counts)
    who, when = np.nonzero(counts)
    keep = random.random(len(who)) < share
    who, when = who[keep], when[keep] + random.integers(low, high + 1, keep.sum())
    inside = when < DAYS
    out[who[inside], when[inside]] = 1
    return out


def crises(random: np.random.Generator, people: int) -> Floats:
    """Unrecorded crises, person x day: begin once in two years on average, last 40 days on average."""
    state = np.zeros((people, DAYS), dtype=bool)
    for week in range(DAYS // 7):
        before = state[:, 7 * week - 1] if week else random.random(people) < 0.05
        now = random.random(people) < np.where(before, 1 - 7 / 40, 7 / 700)
        state[:, 7 * week : 7 * week + 7] = now[:, None]
    return state.astype(float)


def covered(contact: Ints, ratio: float, lasting: int) -> Floats:
    """Share of a day's demand that stays, given the days since the latest contact."""
    summed = np.concatenate([np.zeros((contact.shape[0], 1), np.int64), contact.cumsum(1)], axis=1)
    earlier = np.zeros((contact.shape[0], DAYS), np.int64)
    earlier[:, lasting:] = summed[:, : DAYS - lasting]
    return np.where(summed[:, :-1] - earlier > 0, ratio, 1.0)


def made(name: str, ratio: float, seed: int, people: int = 5000) -> World:
    """One world; `also` names the services that truly avert."""
    random = np.random.default_rng([seed, len(name), 77])
    frailty = random.gamma(1.0, 1.0, people)
    crisis = crises(random, people)
    season = 1 + 0.25 * np.cos(2 * np.pi * (np.arange(DAYS) - 15) / 364)
    demand = days_of((0.0035 * frailty[:, None] * (1 + 3 * crisis) * season).clip(0, 0.5), random)
    use = 0.006 * np.sqrt(frailty)[:, None] + np.zeros((1, DAYS))
    services = {
        service: days_of(use * random.uniform(0.5, 1.5) * (1 + random.uniform(0, 1) * crisis), random)
        for service in (*AVERTERS, *NOTHINGS)
    }
    ended = np.diff(crisis, axis=1, prepend=crisis[:, :1]) < 0
    died = by_hazard(random, 0.0002 * frailty[:, None] * (1 + 2 * crisis))
    day = np.arange(DAYS)[None, :]
    dying = (died[:, None] - day < 90) & (day <= died[:, None]) & (died[:, None] < DAYS)
    demand = np.maximum(demand, days_of(0.02 * dying, random))
    autumn = (np.arange(DAYS) % 364 > 260) & (np.arange(DAYS) % 364 < 330)
    services["pain-clinic"] = delayed(demand, 50, 130, 0.3, random)
    services["discharge-call"] = delayed(demand, 1, 14, 0.4, random)
    services["memory-clinic"] = delayed(demand, 150, 300, 0.25, random)
    first = random.integers(0, 364, people)
    services["yearly-review"] = (((day - first[:, None]) % 364 == 0) & (frailty[:, None] > 0.4)).astype(np.int64)
    services["flu-clinic"] = days_of(0.012 * autumn * np.ones((people, 1)), random)
    services["hospice"] = days_of(0.15 * dying, random)
    services["exercise-class"] = delayed(ended.astype(np.int64), 0, 30, 0.6, random)
    services["crisis-line"] = days_of(0.02 * crisis, random)
    stays = np.ones((people, DAYS))
    true = () if name == "nothing-averts" else tuple(AVERTERS)
    for service in true:
        stays *= covered(services[service], *AVERTERS[service])
    alive = day <= died[:, None]
    did = random.binomial(demand, stays) * alive
    tables = {"ae_attendance": did} | {service: table * alive for service, table in services.items()}
    lost = 0.15 if name == "linked-badly" else 0.0
    settings = f'[link]\nmethod = "keys"\n[observed]\nfrom = {FIRST}\nto = {dates([DAYS - 1], FIRST)[0]}\n'
    pairs = ", ".join(f'"{kind} > ae_attendance"' for kind in NOTHINGS)
    if name != "none-declared":
        settings += f"[partners]\nnegative_controls = [{pairs}]\n"
    return World(
        files(tables, died, lost, random),
        {},
        1.0,
        float((demand * alive).sum() - did.sum()),
        settings,
        {"true": true, "events": int(did.sum())},
    )


def files(tables: dict[str, Ints], died: Ints, lost: float, random: np.random.Generator) -> list[File]:
    """One file of contacts a service, a body each."""
    people = len(died)
    code = lambda service: "hospital" if service == "ae_attendance" else service  # noqa: E731
    out = [
        File(
            "organisation",
            ["organisation", "name", "sort"],
            [[code(s), code(s).title(), "hospital-trust" if s == "ae_attendance" else "community"] for s in tables],
        ),
        File(
            "service",
            ["service", "organisation", "name", "kind", "eligible_upstream"],
            [[s, code(s), s, s, "false" if s == "ae_attendance" else "true"] for s in tables],
        ),
        File(
            "record",
            ["record", "local_key", "birth_date", "sex"],
            [[f"P{i}", f"K{i}", f"{1935 + i % 60}-03-01", "female" if i % 2 else "male"] for i in range(people)],
            'agency = "hospital"',
        ),
        File(
            "observation",
            ["record", "from", "to", "why_ended"],
            [
                [f"P{i}", FIRST.isoformat(), d, "death"]
                for i, d in zip(np.flatnonzero(died < DAYS), dates(died[died < DAYS], FIRST), strict=True)
            ],
            'agency = "hospital"',
        ),
    ]
    for kind, table in tables.items():
        who, when = np.nonzero(table)
        if lost and kind != "ae_attendance":
            wrong = random.random(len(who)) < lost
            who = np.where(wrong, random.integers(0, people, len(who)), who)
        rows = [[f"{kind}-{n}", f"P{w}", d] for n, (w, d) in enumerate(zip(who, dates(when, FIRST), strict=True))]
        constants = f'agency = "hospital"\n[source.constants]\nkind = "{kind}"\nservice = "{kind}"'
        out.append(File("contact", ["contact", "record", "start"], rows, constants, f"c-{kind}"))
    return out


def judged(name: str, planned: float, seed: int, folder: Path) -> dict[str, Any]:
    """Which services stand on the evidence board for the hospital."""
    begun = time.time()
    world = made(name, planned, seed)
    place = opened(written(world, folder), people=True)
    said = place.partners(org="hospital").content
    return {
        "world": name,
        "planned": planned,
        "seed": seed,
        "verdict": "-",
        **dict(world.also),
        "averted": world.averted,
        "options": said["options"],
        "rest": {k: v for k, v in said.items() if k != "options"},
        "seconds": round(time.time() - begun, 1),
    }


def believed(row: dict[str, Any]) -> set[str]:
    """Services that the product holds to avert: on the evidence board, or kept from it by nothing but an unknown price
    of theirs."""
    ranked = [option for option in row["options"] if option.get("board") == "evidence"]
    unpriced = [
        o
        for o in row["rest"]["needs"]
        if o.get("board") == "evidence" and all(n.startswith("a price of") for n in o["needs"])
    ]
    return {option["id"].split(":")[1] for option in (*ranked, *unpriced) if option["style"] == "upstream"}


def table(rows: Sequence[dict[str, Any]]) -> str:
    """How often each service is shown as evidence, over the worlds."""
    lines = []
    for name in sorted({row["world"] for row in rows}):
        mine = [row for row in rows if row["world"] == name and "options" in row]
        shown: dict[str, int] = defaultdict(int)
        for row in mine:
            for service in believed(row):
                shown[service] += 1
        for service in (*AVERTERS, *DECOYS, *NOTHINGS):
            lines.append(f"| {name} | {service} | {tally.share(shown[service], len(mine))} |")
    return "\n".join(["| world | service | on the evidence board |", "|---|---|---|", *lines])
