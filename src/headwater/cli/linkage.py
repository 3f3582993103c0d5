"""What `headwater link` and its words print: how many people, how well that is known, who is linked less well than the
others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headwater.cli.columns import table
from headwater.cli.words import between, count_text, number, share_text

if TYPE_CHECKING:
    Content = dict[str, Any]


def said(content: Content) -> str:
    parts = [_first(content), _rates(content), _under(content), _expected(content), _compared(content), _next(content)]
    return "\n\n".join(part for part in parts if part)


def encoded(content: Content) -> str:
    return (
        f"{content['records']:,} records of {content['agency']} are in {content['file']} as keyed bits; no name"
        " is.\nHand the file to whoever links. The key stays with the agencies: who has both can try names until the"
        " bits fit."
    )


def linked(content: Content) -> str:
    return (
        f"{content['records']:,} records of {', '.join(content['agencies'])} are {content['people']:,} people;"
        f" {content['link_rate']:.0%} of records join another. {content['partitions']} partitions were drawn from the"
        f" weights.\nWhose each record is stands in {content['file']}. An agency that adds its persons as local_key to"
        " its records needs no name after that."
    )


def _first(content: Content) -> str:
    return "\n".join(part for part in (_of_records(content), _of_numbers(content)) if part)


def _of_numbers(content: Content) -> str:
    if "people_by_shared_number" not in content:
        return ""
    return (
        f"{count_text(content['people_by_shared_number'])} people have no record: a person number that agencies share"
        " says who they are. Their age and sex are not known."
    )


def _of_records(content: Content) -> str:
    by_number = content["by_number"]
    alone = list(content["by_agency"])
    if not alone:
        return "" if "people_by_shared_number" in content else "No record of anybody was given."
    if len(alone) == 1:
        return (
            f"{count_text(content['records'])} records are {count_text(content['people'])} people. Only {alone[0]} gave"
            " records, so nothing was compared by name: records with one number are one person, every other is its"
            " own."
        )
    return (
        f"{count_text(content['records'])} records are {count_text(content['people'])} people;"
        f" {content['link_rate']:.0%} of records join another.\nA shared number decides for {by_number:.0%} of records;"
        " names, birth dates and addresses for the rest."
    )


def _rates(content: Content) -> str:
    if not content["by_agency"]:
        return ""
    agencies = ((agency, share_text(rate)) for agency, rate in content["by_agency"].items())
    groups = [
        (one["by"], one["group"], share_text(one["rate"]), share_text(one["numbered"]), count_text(one["records"]))
        for one in content["groups"]
        if one["by"] != "area"
    ]
    lines = [table(("agency", "joined to another record"), agencies)]
    if groups:
        lines.append(table(("by", "group", "joined", "numbered", "records"), groups))
    return "\n\n".join(lines)


def _under(content: Content) -> str:
    if not content["by_agency"]:
        return ""
    if not content["under_linked"]:
        return "No group by age, sex, area or deprivation is linked far less well than the others."
    lines = "\n".join(f"  - {line}" for line in content["under_linked"])
    return f"Linked less well than the others; less of what changed for them is seen:\n{lines}"


def _expected(content: Content) -> str:
    precision, recall = (content["expected"][name] for name in ("precision", "recall"))
    lines = []
    if precision:
        lines.append(f"Of the pairs joined by weight {between(precision, _share)} are right, as the model expects.")
    if recall:
        lines.append(f"Of the pairs to be joined by weight {between(recall, _share)} are joined, as the model expects.")
    drawn = content["partitions"]
    if drawn["drawn"]:
        lines.append(
            f"{drawn['drawn']} partitions were drawn from the weights; each moves {drawn['share_moved']:.2%} of"
            " records. Intervals carry it."
        )
    if content["broken_groups"]:
        lines.append(f"{content['broken_groups']} groups were too large to be one person and were broken up.")
    return "\n".join(lines)


def _share(value: float) -> str:
    return f"{value:.1%}"


def _compared(content: Content) -> str:
    if not content["blocking"]:
        return ""
    rows = [(" and ".join(_key(key) for key in rule["keys"]), number(rule["pairs"])) for rule in content["blocking"]]
    return table(("records are compared that share", "pairs"), rows)


SORTS = {"1, 3": "start of {}", "1, 4": "start of {}", "6, 5": "day and month of {}"}


def _key(key: str) -> str:
    """substr(birth, 6, 5) as a person says it."""
    if not key.startswith("substr("):
        return key
    column, part = key[len("substr(") : -1].split(", ", 1)
    if column == "birth" and part == "1, 4":
        return "year of birth"
    return SORTS.get(part, "sector of {}").format(column)


def _next(content: Content) -> str:
    if not content["blocking"]:
        return ""
    if not content["review"]:
        return (
            'Names, addresses and days of birth have left the store. To look at pairs: [link] names = "kept", then'
            " headwater link."
        )
    return "Pairs to look at are in .headwater/link/review.csv; it holds names and never leaves the workspace."
