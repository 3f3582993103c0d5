"""Do other methods say the same? A curve of specifications, fixed beforehand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.evidence import Check
from headwater.evidence.places.designs import curve

if TYPE_CHECKING:
    from headwater.evidence.checks.place_judged import Judged

NAME = "methods-agree"
SAID = {
    "did": "difference in differences",
    "synthetic-control": "synthetic control",
    "synthetic-did": "synthetic difference in differences",
    "matched-did": "matched difference in differences",
    "augmented": "augmented synthetic control",
    "structural": "structural time series",
}
"""A method's code → its name in the field."""


def methods_agree(judged: Judged) -> Check:
    """Fails when an effect the protocol's method tells is none, or the opposite, by most other methods: it then depends
    on the method. `figure`: the share of the others on the same side of one as far as half way (log scale)."""
    case, fit = judged.case, judged.fit
    interval = fit.ratio_interval(case.level)
    ratios = {} if interval is None else curve(case, judged.method)
    if interval is None or len(ratios) < 2:
        return Check(NAME, None, "There are too few other methods that could be tried.")
    logs = np.array([np.log(max(ratio, 1e-9)) for ratio in ratios.values()])
    own = np.log(max(fit.ratio, 1e-9))
    agree = float(np.mean((np.sign(logs) == np.sign(own)) & (np.abs(logs) >= abs(own) / 2)))
    text = "; ".join(f"{SAID.get(name, name)} {ratio:.3f}" for name, ratio in ratios.items())
    if interval.holds(1.0):
        inside = float(np.mean([interval.low <= ratio <= interval.high for ratio in ratios.values()]))
        return Check(
            NAME, inside >= 0.5, f"The protocol's method gives {fit.ratio:.3f}; other methods: {text}.", inside
        )
    opposite = bool((np.sign(logs) != np.sign(own)).any())
    passed = agree > 0.5 and not opposite
    depends = "" if passed else "; the answer depends on the method"
    return Check(NAME, passed, f"The protocol's method gives {fit.ratio:.3f}; other methods: {text}{depends}.", agree)
