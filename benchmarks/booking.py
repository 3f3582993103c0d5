"""What is booked against what was truly averted, over portfolios of programmes most of which do next to nothing.

    python benchmarks/booking.py [--programmes 300] [--portfolios 20] [--seed 1] [--effects made|published]

Each programme has 50 to 2,000 people, 0.5 to 4 contacts a person a year, and a true rate ratio: two thirds within a few
per cent of 1; a third around 0.85 (made), or as published studies of grade 3 and more found, their own noise taken out
(published), which holds falls of a half and rises of a third. With few programmes a portfolio stands for a workspace of
a few collaborations. Its estimate is the truth with the error that its own counts and three compared people each allow.
A lot opens where the 95 % interval excludes no change. The old rule books the estimate as it is, the new one the
posterior mean.
"""

from __future__ import annotations

import argparse
from statistics import NormalDist

import numpy as np

from headwater.partners.published.library import effects
from headwater.savings.prior import stated_prior
from headwater.stats.shrinkage import GRID, averted_share, learnt, posterior

NOTHING = 0.045
"""Log rate ratios nearer to nought are next to nothing."""
FAR = 1.2
"""From a fall of 80 % to a rise of 120 %: below that a programme is booked of what was expected, not of what was
seen."""
NOISE = 0.5
"""Programmes that the stated prior counts for where published studies speak: half of one, so that they speak alone."""


def published() -> np.ndarray:
    """float64[grid]: where the published effects lie that are more than next to nothing, without the noise of the
    studies."""
    read = [one for one in effects() if one.grade >= 3 and one.ratio and one.low and one.high and one.high > one.low]
    reach = np.array([NormalDist().inv_cdf(0.5 + (one.level or 95) / 200) for one in read])
    estimates = np.log([one.ratio for one in read])
    errors = np.log([one.high / one.low for one in read]) / (2 * reach)
    weights = learnt(estimates, errors, stated_prior(), NOISE)
    weights = np.where((np.abs(GRID) < NOTHING) | (np.abs(GRID + 0.4) > FAR), 0.0, weights)
    return weights / weights.sum()


def portfolio(programmes: int, rng: np.random.Generator, drawn: np.ndarray | None = None) -> dict[str, np.ndarray]:
    """drawn: float64[grid], where the effects of those that do something come from; None for a fall of about 15 %."""
    people = np.exp(rng.uniform(np.log(50), np.log(2_000), programmes))
    expected = people * rng.uniform(0.5, 4.0, programmes)
    does = rng.random(programmes) < 1 / 3
    does_what = rng.normal(-0.16, 0.12, programmes) if drawn is None else rng.choice(GRID, programmes, p=drawn)
    truth = np.where(does, does_what, rng.normal(0, 0.02, programmes))
    seen = np.maximum(rng.poisson(expected * np.exp(truth)), 1)
    error = np.sqrt(2.0 / seen + 2.0 / (3 * expected))
    estimate = truth + error * rng.normal(size=programmes)
    return {"truth": truth, "error": error, "estimate": estimate, "seen": seen.astype(float)}


def sums(world: dict[str, np.ndarray]) -> dict[str, float]:
    """Contacts of one portfolio, booked by the old rule and now beside the true ones: over opened lots, over all, over
    lots of harm."""
    e, s, seen = world["estimate"], world["error"], world["seen"]
    opened, nothing = np.abs(e) > 1.96 * s, np.abs(world["truth"]) < 0.05
    booked_by = {
        "true": seen * (np.exp(-world["truth"]) - 1),
        "old": seen * (np.exp(-e) - 1),
        "new": seen * averted_share(posterior(e, s, learnt(e, s, stated_prior()))),
    }
    found = {"lots": float(opened.sum())}
    for rule, contacts in booked_by.items():
        found |= {
            rule: contacts[opened].sum(),
            f"total_{rule}": contacts.sum(),
            f"harm_{rule}": contacts[opened & (e > 0)].sum(),
        }
        # What is booked beyond the truth for programmes that did next to nothing, of all that is booked.
        found |= {
            f"beyond_{rule}": np.maximum(contacts - booked_by["true"], 0)[opened & nothing].sum(),
            f"size_{rule}": np.abs(contacts[opened]).sum(),
        }
    return found


def shares(of: dict[str, float]) -> dict[str, float]:
    """Booked over truly averted, and the share that is false; nought over nought is nought."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = {
            f"{part}{rule}": float(np.divide(of[f"{part}{rule}"], of[f"{part}true"]))
            for part in ("", "total_", "harm_")
            for rule in ("old", "new")
        }
        false = {f"false_{rule}": float(np.divide(of[f"beyond_{rule}"], of[f"size_{rule}"])) for rule in ("old", "new")}
    # What stands in the ledger, of all that was averted: what cannot be told is booked nowhere, though some of it is
    # true.
    return {"lots": of["lots"], **ratios, **false, "in_ledger": of["new"] / of["total_true"]}


def booked(world: dict[str, np.ndarray]) -> dict[str, float]:
    return shares(sums(world))


def slope(worlds: list[dict[str, np.ndarray]], rng: np.random.Generator) -> float:
    """Of truly paying on P(pays), over tenths of P, cost set so that about half would pay."""
    chance, paid = [], []
    for world in worlds:
        e, s = world["estimate"], world["error"]
        believed = posterior(e, s, learnt(e, s, stated_prior()))
        need = rng.uniform(0.0, 0.25, len(e))
        chance.append((believed * (np.exp(-GRID)[None, :] - 1 > need[:, None])).sum(axis=1))
        paid.append(np.exp(-world["truth"]) - 1 > need)
    p, y = np.concatenate(chance), np.concatenate(paid).astype(float)
    tenth = np.digitize(p, np.quantile(p, np.linspace(0.1, 0.9, 9)))
    x, v = (np.array([part[tenth == at].mean() for at in range(10)]) for part in (p, y))
    return float(np.polyfit(x, v, 1)[0])


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--programmes", type=int, default=300)
    asked.add_argument("--portfolios", type=int, default=20)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--effects", choices=("made", "published"), default="made")
    given = asked.parse_args()
    rng = np.random.default_rng(given.seed)
    drawn = published() if given.effects == "published" else None
    worlds = [portfolio(given.programmes, rng, drawn) for _ in range(given.portfolios)]
    each = [sums(world) for world in worlds]
    pooled = shares({name: float(np.sum([one[name] for one in each])) for name in each[0]})
    for name, value in pooled.items():
        values = np.array([shares(one)[name] for one in each])
        print(
            f"{name}: {value:.3f} in all (of single portfolios {np.nanquantile(values, 0.05):.3f} to"
            f" {np.nanquantile(values, 0.95):.3f}, nine in ten)"
        )
    print(f"slope of truly paying on P(pays) over tenths: {slope(worlds, rng):.3f}")


if __name__ == "__main__":
    main()
