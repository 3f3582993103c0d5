"""What is booked against what was truly averted, over portfolios of programmes most of which do next to nothing.

    python benchmarks/booking.py [--programmes 300] [--portfolios 20]

Each programme has 50 to 2,000 people, 0.5 to 4 contacts a person a year, and a true rate ratio: two thirds within a few per cent
of 1, a third around 0.85. Its estimate is the truth with the error that its own counts and three compared people each allow.
A lot opens where the 95 % interval excludes no change. The old rule books the estimate as it is, the new one the posterior mean.
"""

from __future__ import annotations

import argparse

import numpy as np

from headwater.savings.prior import stated_prior
from headwater.stats.shrinkage import averted_share, learnt, posterior

COST_PER_AVERTED = 1.0


def portfolio(programmes: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    people = np.exp(rng.uniform(np.log(50), np.log(2_000), programmes))
    expected = people * rng.uniform(0.5, 4.0, programmes)
    does = rng.random(programmes) < 1 / 3
    truth = np.where(does, rng.normal(-0.16, 0.12, programmes), rng.normal(0, 0.02, programmes))
    seen = np.maximum(rng.poisson(expected * np.exp(truth)), 1)
    error = np.sqrt(2.0 / seen + 2.0 / (3 * expected))
    estimate = truth + error * rng.normal(size=programmes)
    return {"truth": truth, "error": error, "estimate": estimate, "seen": seen.astype(float)}


def booked(world: dict[str, np.ndarray]) -> dict[str, float]:
    e, s, seen = world["estimate"], world["error"], world["seen"]
    true = seen * (np.exp(-world["truth"]) - 1)
    raw = seen * (np.exp(-e) - 1)
    believed = posterior(e, s, learnt(e, s, stated_prior()))
    mean = seen * averted_share(believed)
    opened = np.abs(e) > 1.96 * s
    nothing = np.abs(world["truth"]) < 0.05
    # False pounds of the posterior mean: what is booked beyond the truth for programmes that did next to nothing.
    false = {
        name: np.maximum(v - true, 0)[opened & nothing].sum() / np.abs(v[opened]).sum()
        for name, v in (("raw", raw), ("shrunk", mean))
    }
    return {
        "lots": float(opened.sum()), "old": raw[opened].sum() / true[opened].sum(), "new": mean[opened].sum() / true[opened].sum(),
        "total_old": raw.sum() / true.sum(), "total_new": mean.sum() / true.sum(), "false_old": false["raw"], "false_new": false["shrunk"],
    }  # fmt: skip


def slope(worlds: list[dict[str, np.ndarray]], rng: np.random.Generator) -> float:
    """Of truly paying on P(pays), over tenths of P, cost set so that about half would pay."""
    chance, paid = [], []
    for world in worlds:
        e, s = world["estimate"], world["error"]
        believed = posterior(e, s, learnt(e, s, stated_prior()))
        from headwater.stats.shrinkage import GRID

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
    given = asked.parse_args()
    rng = np.random.default_rng(1)
    worlds = [portfolio(given.programmes, rng) for _ in range(given.portfolios)]
    rows = [booked(world) for world in worlds]
    for name in rows[0]:
        values = np.array([row[name] for row in rows])
        print(f"{name}: {values.mean():.3f} ({values.min():.3f} to {values.max():.3f})")
    print(f"slope of truly paying on P(pays) over tenths: {slope(worlds, rng):.3f}")


if __name__ == "__main__":
    main()
