"""Many small programmes told together: a site's evidence file, what a region invites its sites to, and the pool of
their files."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from headwater import governance
from headwater.app import valuing
from headwater.app.acting import acting
from headwater.app.answers import interval
from headwater.app.evaluating import estimates, evaluated, protocol_file, protocol_of
from headwater.app.evidence_file import content_of, read, signed
from headwater.app.pool_files import INVITATION, Invitation, invitation_of, name_of, under_its_key
from headwater.app.reading import data_version
from headwater.app.segmenting import published_line
from headwater.app.version import code_version
from headwater.domain.errors import DataProblem, ProtocolBreach, Usage, one_of
from headwater.domain.money import BUCKETS, Bucket
from headwater.domain.progress import silent
from headwater.domain.release import FigureData
from headwater.domain.uncertainty import Interval
from headwater.evidence.pooling import differences, pooled
from headwater.partners.published.library import approaches, of_approach
from headwater.report.kinds import capital, kind_words
from headwater.store.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from headwater.app.answer import Answer
    from headwater.app.place import Place
    from headwater.app.unbiased import Estimate
    from headwater.domain.collaboration import Protocol
    from headwater.domain.evidence import Evaluation
    from headwater.domain.pool import Pool, PooledOutcome, SiteEvidence
    from headwater.domain.progress import Progress


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends an evidence file. site: the name that the pool knows it by; sign: its SSH private key; pool: the
    invitation."""

    site: str
    traits: Mapping[str, str] = field(default_factory=dict)
    pool: Path | None = None
    sign: Path | None = None


def export(place: Place, collaboration: str, sender: Sender, progress: Progress = silent) -> Answer:
    """Write a collaboration's evidence file into releases/: no row, no small count."""
    site, traits = sender.site, sender.traits
    if not site.strip():
        raise Usage(
            "an evidence file names its site",
            given="''",
            next_step=f"headwater evidence export {collaboration} --site 'Northshire'",
        )
    protocol, invited = protocol_of(place, collaboration), None if sender.pool is None else invitation_of(sender.pool)
    agreed = protocol.pool if invited is None else invited.hash
    if invited is not None and (other := differences(invited.agreed, protocol)):
        raise ProtocolBreach(
            "the protocol is not the one that the pool agreed on",
            given="; ".join(other),
            next_step=f"change and amend {collaboration}, or leave --pool away: the pool will list what differs",
        )
    asked = (
        collaboration,
        site,
        tuple(sorted(traits.items())),
        agreed,
        str(sender.sign or ""),
    )
    with acting(place, "evidence export", collaboration, asked) as act:
        with place.store() as store:
            standing, together = evaluated(place, store, protocol, progress)
            # What leaves is this site's own: a belief that others moved would be told them again as evidence.
            found = replace(together, findings=tuple(one.own for one in together.findings))
            data, others = data_version(store), estimates(place, store)
        more = {
            "site": site.strip(),
            "traits": dict(sorted(traits.items())),
            "pool": agreed,
            "bound": governance.bound_pool(place.workspace, collaboration),
            "freed_gbp_per_year": _freed(place, protocol, found, others),
            "code": code_version(),
        }
        content = content_of(place, protocol, standing, found, data, more)
        if sender.sign is not None:
            content = signed(content, sender.sign)
        file = place.workspace.releases / f"{collaboration}-evidence.json"
        write_atomically(file, json.dumps(content, indent=1, ensure_ascii=False) + "\n")
        act.said = {"data": data}
    alone = [one["kind"] for one in content["outcomes"] if one["curve"] is None and one["ratio"] is not None]
    at_home = [one["kind"] for one in content["outcomes"] if one["hidden"]]
    return place.answer(
        "evidence-export",
        {
            "file": str(file),
            "digest": content["digest"],
            "status": content["status"],
            "signed_by": content.get("signed_by", ""),
            "interval_alone": alone,
            "stay_at_home": at_home,
        },
    )


def _freed(
    place: Place, protocol: Protocol, found: Evaluation, others: Sequence[Estimate]
) -> dict[str, dict[str, float]]:
    """By bearer: pounds a calendar year of delivery that were taken out or released; nothing of what cannot be told."""
    saving = valuing.worth(place, protocol, found, others).saving
    useful = [at for at, bucket in enumerate(BUCKETS) if bucket in (Bucket.CASH, Bucket.RELEASED)]
    draws = saving.gbp[..., useful].sum(axis=(1, 3, 4)) / max(found.effect.delivery_years, 1e-9)
    made: dict[str, dict[str, float]] = {}
    for at, bearer in enumerate(saving.bearers):
        told = Interval.around_mean(draws[:, at])
        made[bearer.name] = {
            "low": round(told.low),
            "mid": round(told.mid),
            "high": round(told.high),
            "level": told.level,
        }
    return made


def show(place: Place, file: Path) -> Answer:
    """What an evidence file says, with its digest, which the site can read out."""
    return place.answer("evidence", _shown(read(file)))


def _shown(one: SiteEvidence) -> dict[str, Any]:
    return {
        "site": one.site,
        "collaboration": one.collaboration,
        "title": one.title,
        "status": one.status,
        "locked_at": one.locked_at,
        "followed": list(one.followed),
        "enrolled": one.enrolled,
        "digest": one.digest,
        "signed_by": one.signed_by,
        "pool": one.pool,
        "traits": dict(one.traits),
        "outcomes": [
            {
                "kind": o.kind,
                "role": o.role.value,
                "verdict": o.verdict,
                "withheld": list(o.withheld),
                "grade": o.grade,
                "ratio": interval(o.ratio),
                "raw_ratio": interval(o.raw),
                "curve": o.height is not None,
                "failed": list(o.failed),
            }
            for o in one.outcomes
        ],
        "freed_gbp_per_year": {name: interval(each) for name, each in one.freed_gbp_per_year.items()},
    }


def invite(
    place: Place, name: str, collaboration: str, sites: Sequence[str], keys: Mapping[str, str] | None = None
) -> Answer:
    """Write the pool's protocol into releases/: what all sites have to ask alike, and who is invited. Its hash names
    it.

    keys: a site's public key (the line of its .pub file); a file of that site is then taken under its signature alone.
    """
    if strange := sorted(set(keys or {}) - set(sites)):
        raise Usage(
            "a key is of no site of this pool",
            given=", ".join(strange),
            allowed=", ".join(sites),
            next_step="name the site with --site as well",
        )
    if len(set(sites)) < 2:
        raise Usage(
            "a pool has at least two sites",
            given=", ".join(sites),
            next_step=f"headwater pool {name} {collaboration} --invite --site A --site B",
        )
    protocol = protocol_of(place, collaboration)
    content = {
        "schema": INVITATION,
        "pool": name,
        "sites": sorted(set(sites)),
        "protocol": governance.write_protocol(replace(protocol, pool="")),
        "keys": {site: governance.public_part(key) for site, key in sorted((keys or {}).items())},
    }
    file = place.workspace.releases / f"{name}-pool.json"
    with acting(place, "pool invite", name, (name, collaboration, *sorted(set(sites)))):
        write_atomically(file, json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    return place.answer(
        "pool-invite",
        {
            "file": str(file),
            "pool": name_of(content),
            "sites": content["sites"],
            "write": f'pool = "{name_of(content)}"',
        },
    )


def pool(
    place: Place,
    name: str,
    sources: Sequence[str],
    invitation: Path | None = None,
    progress: Progress = silent,
    beside: str = "",
) -> Answer:
    """Sites' files, and collaborations of this workspace, told together. sources: file paths, or ids of collaborations.

    beside: an approach of the published effects, whose studies of the primary outcome are shown next to it and never
    mixed in.
    """
    sites = _sites(place, sources, progress)
    asked = Invitation("", name, sites[0].protocol, ()) if invitation is None else invitation_of(invitation)
    agreed, invited = asked.agreed, asked.sites
    for one in sites:
        under_its_key(one, asked.keys)
    differs = {one.site: found for one in sites if (found := differences(agreed, one.protocol))}
    if invitation is None and len(differs) == len(sites) - 1 and len(sites) > 1:
        raise _differ(differs)
    try:
        told = pooled(name, agreed, sites, differs, invited)
    except ValueError as problem:
        raise DataProblem(
            "these sites cannot be told together", given=str(problem), next_step="headwater evidence show FILE"
        ) from problem
    place.note("pool", f"{name}: {', '.join(one.site for one in sites)}")
    content = {**_pool(told, sites), "published": [] if not beside else _published(beside, told.primary.kind)}
    return place.answer("pool", content, (_forest(told),), told)


def _published(approach: str, kind: str) -> list[dict[str, Any]]:
    """What studies of an approach found for one kind of contact. Raises Usage for an approach that the library does not
    hold."""
    known = [one.id for one in approaches()]
    if approach not in known:
        raise one_of("there are no published effects of this approach", approach, known)
    return [published_line(one) for one in of_approach(approach) if one.kind == kind]


def _differ(differs: Mapping[str, tuple[str, ...]]) -> DataProblem:
    return DataProblem(
        "the sites' protocols ask different questions",
        given="; ".join(f"{site}: {', '.join(parts)}" for site, parts in differs.items()),
        allowed="protocols alike in who enters, outcomes, days followed and comparison",
        next_step="headwater pool NAME COLLAB --invite --site A --site B, and every site agrees to what it writes",
    )


def _sites(place: Place, sources: Sequence[str], progress: Progress) -> list[SiteEvidence]:
    from pathlib import Path

    found: dict[str, SiteEvidence] = {}
    for at, source in enumerate(sources):
        progress(f"evidence of {source}", at, len(sources))
        file = Path(source)
        if not file.is_file():
            protocol_file(place, source)
            export(place, source, Sender(place.settings.place), progress)
            file = place.workspace.releases / f"{source}-evidence.json"
        one = read(file)
        if one.site in found:
            raise Usage(
                "two files are of one site",
                given=one.site,
                allowed="one file a site",
                next_step="give the newer one alone; of two sites of one name, let one export with another --site",
            )
        if again := next((other.site for other in found.values() if _same_evidence(one, other)), ""):
            raise Usage(
                "two files hold the same evidence under two names",
                given=f"{again} and {one.site}: the same curve over the same days",
                allowed="each site's evidence once; counted twice it would look surer than it is",
                next_step="give one of the two files alone",
            )
        found[one.site] = one
    progress("", 1, 1)
    if len(found) < 2:
        raise Usage(
            "a pool takes at least two sites",
            given=", ".join(found) or "none",
            next_step="headwater pool NAME FILE FILE ...",
        )
    return list(found.values())


def _same_evidence(one: SiteEvidence, other: SiteEvidence) -> bool:
    """Whether two files tell the same curves and ratios over the same days, to the last digit: no two sites do."""
    told = any(each.raw is not None or each.height is not None for each in one.outcomes)
    return told and _said(one) == _said(other)


def _said(one: SiteEvidence) -> tuple[Any, ...]:
    curves = (None if each.height is None else each.height.tobytes() for each in one.outcomes)
    return one.followed, [(each.kind, each.raw) for each in one.outcomes], list(curves)


def _pool(found: Pool, sites: Sequence[SiteEvidence]) -> dict[str, Any]:
    primary = found.primary
    return {
        "pool": found.name,
        "effect_verdict": primary.verdict.value,
        "in_words": in_words(found),
        "sites": [
            {"site": one.site, "enrolled": one.enrolled, "status": one.status, "digest": one.digest} for one in sites
        ],
        "left_out": dict(found.left_out),
        "differs": {site: list(parts) for site, parts in found.differs.items()},
        "missing": list(found.missing),
        "caveats": list(found.caveats),
        "outcomes": [_outcome(one) for one in found.outcomes],
    }


def _outcome(one: PooledOutcome) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "role": one.role.value,
        "verdict": one.verdict.value,
        "withheld": list(one.withheld),
        "common": interval(one.common),
        "raw_common": interval(one.raw_common),
        "average": interval(one.mean),
        "next_site": interval(one.next),
        "anytime": interval(one.anytime),
        "spread_between": interval(one.between),
        "chance_of_a_fall": round(one.chance_below_one, 4),
        "sites": [
            {
                "site": each.site,
                "own": interval(each.own),
                "with_all": interval(each.shrunk),
                "average_without": interval(each.without),
            }
            for each in one.sites
        ],
        "traits": [
            {
                "trait": each.trait,
                "value": each.value,
                "sites": each.sites,
                "average": interval(each.mean),
                "against_others": interval(each.against_others),
            }
            for each in one.traits
        ],
        "small_sites": None if one.small_study is None else {"intercept": one.small_study[0], "p": one.small_study[1]},
    }


WORDS = {
    "averted": "Over {sites} sites together there were fewer {kind} than expected",
    "harm": "Over {sites} sites together there were more {kind} than expected",
    "nothing-found": "Over {sites} sites together no worthwhile change in {kind} was found",
    "cannot-tell": "Over {sites} sites together we cannot tell whether {kind} changed",
}


def in_words(found: Pool) -> str:
    """One sentence: the verdict over all sites, the average ratio as a change, and what one more site may expect."""
    one = found.primary
    said = WORDS[one.verdict.value].format(sites=len(one.sites), kind=kind_words(one.kind))
    low, mid, high = ((each - 1) * 100 for each in (one.mean.low, one.mean.mid, one.mean.high))
    ahead = ((one.next.low - 1) * 100, (one.next.high - 1) * 100)
    why = f", because {one.withheld[0]}" if one.withheld else ""
    return (
        f"{said}{why}: {mid:+.0f}% at the average site ({low:+.0f}% to {high:+.0f}%); "
        f"one more site may expect {ahead[0]:+.0f}% to {ahead[1]:+.0f}%."
    )


def _forest(found: Pool) -> FigureData:
    """Sites given all sites, the average, one more site, and each other outcome's average, as ratios."""
    one = found.primary
    rows = [(each.site, each.shrunk, "secondary") for each in one.sites]
    rows += [("Average of all sites", one.mean, "primary"), ("One more site may have", one.next, "secondary")]
    rows += [(capital(kind_words(other.kind)), other.mean, other.role.value) for other in found.outcomes[1:]]
    return FigureData(
        name="pool",
        kind="forest",
        title=f"{capital(kind_words(one.kind))} at each site, given all sites, and at the average site",
        alt=(
            f"Rate ratios of {len(one.sites)} sites, each given what all found, their average, and the sham outcomes; 1"
            " is no change."
        ),
        columns=("label", "low", "mid", "high", "role", "measure"),
        rows=tuple(
            (label, round(of.low, 4), round(of.mid, 4), round(of.high, 4), role, "rate ratio")
            for label, of, role in rows
        ),
    )
