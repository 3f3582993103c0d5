"""What `headwater add` and `headwater ready` print."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headwater.cli.columns import bullets, section, table
from headwater.cli.words import count_text

if TYPE_CHECKING:
    Content = dict[str, Any]


def add(content: Content) -> str:
    return "\n".join(_added(one) for one in content["files"]) + "\nNext: headwater check, then headwater load"


def _added(one: Content) -> str:
    what = one["layout"] or ("the table " + " and ".join(one["tables"]) if one["tables"] else "not recognised")
    written = (
        f"written for {', '.join(one['tables'])}"
        if one["written"]
        else "read with the files that name it, or not at all"
    )
    lines = [
        f"{one['files']}: {what}, {one['recognised']}; {written}",
        bullets(one["problems"]) if one["problems"] else "",
        f"put this into headwater.toml, with the marked lines changed:\n\n{one['draft']}" if one["draft"] else "",
    ]
    if one["sample"]:
        names = list(one["sample"][0])
        lines.append(table(tuple(names), ([row[name] for name in names] for row in one["sample"])))
    elif not one["layout"]:
        lines.append(
            table(("heading", "holds", "values"), ((c["heading"], c["holds"], c["values"]) for c in one["columns"]))
        )
    return "\n".join(line for line in lines if line)


def ready(content: Content) -> str:
    """Questions first: each with a yes, or with why not and what mends it."""
    lines = [
        f"{'yes' if one['can'] else 'no ':<3}  {one['question']}{' (' + one['style'] + ')' if one['style'] else ''}"
        + ("" if one["can"] else f"\n       {one['why']}\n       to put it right: {one['mend']}")
        for one in content["questions"]
    ]
    kinds = table(
        ("kind", "contacts", "priced", "acts upstream", "perhaps"),
        (
            (
                k["kind"],
                count_text(k["contacts"]),
                "yes" if k["priced"] else "no",
                "yes" if k["upstream"] else "",
                k["like"],
            )
            for k in content["kinds"]
        ),
    )
    lost = [
        f"{one['agency']}: {count_text(one['contacts'])} contacts bear a number that none of its records has"
        for one in content["orphans"]
    ]
    says = [f"headwater ready --accept {k['kind']}={k['like']}" for k in content["kinds"] if k["like"]]
    parts = ["\n".join(lines), section("Kinds of contact", kinds)]
    parts += [section("Contacts of nobody on file", bullets(lost))] if lost else []
    parts += [section("If these kinds are what they look like, type", bullets(says))] if says else []
    return "\n".join(parts)


def accepted(content: Content) -> str:
    return f"{content['kind']} is {content['is']} from the next load on.\nNext: headwater load, headwater ready"
