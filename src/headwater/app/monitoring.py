"""Question 2 before its end: a look after each load that does not spoil the last one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headwater.app.answers import interval
from headwater.app.evaluating import evaluated, protocol_of
from headwater.app.reading import data_version
from headwater.domain.errors import Usage
from headwater.domain.evidence import LookWord
from headwater.domain.progress import silent
from headwater.domain.release import Count

if TYPE_CHECKING:
    from headwater.app.answer import Answer
    from headwater.app.place import Place
    from headwater.domain.evidence import Look
    from headwater.domain.progress import Progress

SAID = {
    LookWord.HARM: (
        "More came than without the programme, and that holds however often one looks: stop taking people on and find"
        " out why."
    ),
    LookWord.AVERTED: "Fewer came than without the programme, and that holds however often one looks.",
    LookWord.GO_ON: "Nothing can be told yet; go on.",
}


def monitor(place: Place, collaboration: str, progress: Progress = silent) -> Answer:
    """The data as they are, by intervals that hold however often one looks: harm first, and from when anything could be
    told."""
    from headwater.evidence.monitoring import looks_of

    protocol = protocol_of(place, collaboration)
    if protocol.unit != "person":
        raise Usage(
            f"{collaboration} enrols places, whose months are judged once, at the end",
            given=protocol.unit,
            allowed="person",
            next_step=f"headwater evaluate {collaboration}",
        )
    with place.store() as store:
        standing, found = evaluated(place, store, protocol, progress)
        place.note("monitor", collaboration, data=data_version(store))
    looks = looks_of(found, protocol)
    content = {
        "collaboration": collaboration,
        "status": standing.status.value,
        "followed_until": found.effect.last_day.isoformat(),
        "enrolled": Count(found.comparison.treated),
        "outcomes": [_told(look) for look in looks],
        "sentences": [sentence for look in looks for sentence in _sentences(look)],
    }
    return place.answer("monitor", content, value=looks)


def _told(look: Look) -> dict[str, Any]:
    when = look.could_tell_from
    return {
        "kind": look.kind,
        "role": look.role.value,
        "word": look.word.value,
        "rate_ratio_any_time": interval(look.any_time),
        "rate_ratio_once": interval(look.once),
        "e_value": look.e_value,
        "could_tell_from": when and when.isoformat(),
        "withheld": list(look.withheld),
    }


def _sentences(look: Look) -> list[str]:
    if look.any_time is None:
        return [f"{look.kind}: nothing can be estimated yet."]
    ratio, when = look.any_time, look.could_tell_from
    said = [
        f"{look.kind}: the rate ratio is {ratio.mid:.2f} ({ratio.low:.2f} to {ratio.high:.2f} however often one looks)."
        f" {SAID[look.word]}"
    ]
    if look.withheld:
        said.append(f"{look.kind}: whatever the interval says, {'; '.join(look.withheld)}.")
    if look.word is LookWord.GO_ON:
        said.append(
            f"{look.kind}: what is hoped for could be told from {when.isoformat()} on, if it is true."
            if when
            else f"{look.kind}: with the people enrolled, what is hoped for could not be told within ten years."
        )
    return said
