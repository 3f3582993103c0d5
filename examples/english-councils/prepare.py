"""The published registers made into three files that headwater.toml maps: councils, their services, their spending.

    python3 prepare.py REGISTERS

REGISTERS holds the published files under their own names (README.md says where each is from). Standard library only.
Joins a spreadsheet would do by hand: the services name councils by their GOV.UK slug, the spending by ONS code and in
thousands of pounds; the register has both beside its own code.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
KINDS = {"NMD", "UA", "MD", "LBO", "CTY", "CC"}
"""Councils. Combined and regional authorities provide none of the listed services."""
NOT_LINES = {"year", "ecode", "ons_code", "authority", "class", "TOTAL_SERVICE_EXPENDITURE"}


def main(registers: Path) -> None:
    data = HERE / "data"
    data.mkdir(exist_ok=True)
    councils = [
        row
        for row in rows(registers, "uk_local_authorities_past_current.csv")
        if row["nation"] == "England" and row["local-authority-type"] in KINDS
    ]
    pages = {row["gss"]: row["homepage_url"] for row in rows(registers, "govuk_local_authorities_homepages.csv")}
    for row in councils:
        row["website"] = pages.get(row["gss-code"], "")
        # The counties of metropolitan boroughs have no council of their own; the boroughs run them together.
        row["county-la"] = row["county-la"] or (
            row["combined-authority"] if row["local-authority-type"] == "MD" else ""
        )
    write(data / "organisations.csv", councils)
    slug = {row["gov-uk-slug"]: row["local-authority-code"] for row in councils if row["gov-uk-slug"]}
    code = {row["gss-code"]: row["local-authority-code"] for row in councils}
    write(data / "services.csv", services(registers, slug))
    write(data / "spend.csv", spend(registers, code))


def services(registers: Path, slug: dict[str, str]) -> list[dict[str, str]]:
    """One row a council and standard service that it links on GOV.UK."""
    named = {row["LGSL"]: row["Description"] for row in rows(registers, "govuk_local_services_lgsl.csv")}
    linked = {(slug[row["la"]], row["lgsl"]) for row in links(registers) if row["la"] in slug}
    return [
        {"service": f"{council}/{lgsl}", "organisation": council, "name": named.get(lgsl, f"LGSL {lgsl}"), "lgsl": lgsl}
        for council, lgsl in sorted(linked)
    ]


def links(registers: Path) -> list[dict[str, str]]:
    """The links' heading names four columns and their rows have six: the last two are the numbers of service and
    interaction."""
    found = rows(registers, "govuk_la_lgsl_lgil_links.csv")
    return [{"la": row["la"], "lgsl": number} for row in found if (number := row.get("numbers", "").split(",")[0])]


def spend(registers: Path, code: dict[str, str]) -> list[dict[str, str]]:
    return [
        {
            "organisation": code[row["ons_code"]],
            "line": line,
            "year": row["year"],
            "gbp": str(round(float(value) * 1000)),
        }
        for row in rows(registers, "rs_net_service_wide.csv")
        if row["ons_code"] in code
        for line, value in row.items()
        if line not in NOT_LINES and value
    ]


def rows(registers: Path, name: str) -> list[dict[str, str]]:
    file = next(iter(sorted(registers.rglob(name))), None)
    if file is None:
        raise SystemExit(f"{name} is not under {registers}; README.md says where it is from")
    with file.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines, restkey="numbers")
        return [{k: ",".join(v) if isinstance(v, list) else v or "" for k, v in row.items()} for row in reader]


def write(file: Path, content: list[dict[str, str]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, content[0])
        writer.writeheader()
        writer.writerows(content)
    print(f"{file.name}: {len(content):,} rows")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]))
