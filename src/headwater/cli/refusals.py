"""Answers that say no: what ends a verb with an exit code of its own after its answer was printed."""

from __future__ import annotations

from typing import Any

from headwater.domain.errors import DataProblem, Failed, ProtocolBreach

Content = dict[str, Any]


def fail_if_unfit(content: Content) -> None:
    if not content["files"]:
        raise DataProblem(
            "there is nothing to look at: headwater.toml names no [[source]]",
            allowed="a [[source]] for each file",
            next_step="headwater add FILE... writes them",
        )
    unfit = [str(file["file"]) for file in content["files"] if not file["fits"]]
    if unfit:
        raise DataProblem(
            "some files do not fit",
            given=", ".join(unfit),
            next_step="mend the mapping in headwater.toml as suggested above",
        )


def fail_if_lost(content: Content) -> None:
    """Too little survived a load: what was kept stays loaded, and nobody overlooks it."""
    lost = [f"{f['file']} ({f['lost_share']:.1%})" for f in content["files"] if f.get("too_much_lost")]
    if lost:
        raise DataProblem(
            "more rows of some files are lost than may be",
            given=", ".join(lost),
            allowed="most_lost of its [[source]]: 1% unless it says otherwise, not counting harmless repeats",
            next_step="mend the reasons above, or write most_lost = ... where the loss is right; headwater load",
        )


def fail_if_empty(content: Content) -> None:
    """A file without a row is no sign that nothing happened."""
    empty = [str(file["file"]) for file in content["files"] if not file["rows_in"]]
    if empty:
        raise DataProblem(
            "some files have a heading and no row: nothing is known of what they stand for",
            given=", ".join(empty),
            next_step="ask for them again, or leave them out with ignore = [...] in their [[source]]; headwater load",
        )


def fail_if_orphaned(content: Content) -> None:
    """Most contacts of an agency name a person that its records do not know: two files are mapped by different
    numbers."""
    most = [str(one["agency"]) for one in content.get("orphans", ()) if one["most"]]
    if most:
        raise DataProblem(
            "most contacts of an agency bear a number that none of its records has",
            given=", ".join(most),
            allowed="the same number of a person in both of its files",
            next_step=(
                'map the column that both files share, record = "...", or bring it in with [source.join]; headwater'
                " load"
            ),
        )


def fail_if_broken(content: Content) -> None:
    broken = [c["name"] for c in content["checks"] if c["passed"] is False]
    if broken:
        raise ProtocolBreach(
            "rules of the ledger are broken", given=", ".join(broken), next_step="headwater ledger verify"
        )


def fail_if_differs(content: Content) -> None:
    if not content["same"]:
        raise Failed(
            "the report is not the one that was made",
            given=content["text"],
            next_step="headwater report makes it again",
        )
