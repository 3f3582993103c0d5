"""Question 2: what did it change? One door for people, places and organisations, one result shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.domain.progress import silent

if TYPE_CHECKING:
    from headwater.domain.collaboration import Protocol, Standing
    from headwater.domain.evidence import Evaluation
    from headwater.domain.progress import Progress
    from headwater.store import Store


def evaluate(
    store: Store, protocol: Protocol, standing: Standing, observed: tuple[str, str], progress: Progress = silent
) -> Evaluation:
    """The evaluation of a protocol as it stands. observed: ISO days between which all data are complete."""
    if protocol.unit == "person":
        from headwater.evidence.people.evaluation import evaluate_people

        return evaluate_people(store, protocol, standing, observed, progress)
    from headwater.evidence.places.evaluation import evaluate_places

    return evaluate_places(store, protocol, standing, observed, progress)
