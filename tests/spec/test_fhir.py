"""FHIR bundles and bulk files: everybody in them is read, and whoever a contact points to is the same person however it
is told."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from headwater.sources.documents import read
from headwater.sources.propose import proposed

if TYPE_CHECKING:
    from pathlib import Path

MRN, NHS = "https://hospital.example/number", "https://fhir.nhs.uk/Id/nhs-number"
NUMBERS = ("9999699758", "9997401301")
"""From the range that is kept for tests (999), with their check digits."""
Thing = dict[str, Any]


def patient(at: int, **more: Any) -> Thing:
    numbers = [{"system": MRN, "value": f"M{at}"}, {"system": NHS, "value": NUMBERS[at]}]
    return {
        "resourceType": "Patient",
        "id": f"P{at}",
        "identifier": numbers,
        "birthDate": f"198{at}-03-04",
        "gender": "female",
        "name": [{"family": "Testfamily", "given": ["Testgiven"]}],
        **more,
    }


def encounter(at: int, reference: str, **more: Any) -> Thing:
    return {
        "resourceType": "Encounter",
        "id": f"E{at}",
        "status": "finished",
        "class": {"code": "EMER"},
        "subject": {"reference": reference},
        "period": {"start": f"2024-01-0{at + 1}T10:00:00Z"},
        "serviceProvider": {"reference": "Organization/X0A"},
        **more,
    }


def rows(file: Path) -> list[dict[str, str]]:
    return [
        {name: column[at].as_py() for name, column in batch.columns.items() if column[at].as_py()}
        for batch in read(file)
        for at in range(len(batch.rows))
    ]


def bundle(file: Path, *entries: tuple[str, Thing]) -> Path:
    said = [{"fullUrl": url, "resource": one} if url else {"resource": one} for url, one in entries]
    file.write_text(json.dumps({"resourceType": "Bundle", "type": "collection", "entry": said}), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    "reference",
    [
        "Patient/P1",
        "https://server.example/fhir/Patient/P1",
        "Patient/P1/_history/7",
        "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0",
        f"Patient?identifier={MRN}|M1",
    ],
)
def test_a_person_is_the_same_however_a_contact_points_to_it(tmp_path: Path, reference: str) -> None:
    urls = ("urn:uuid:11111111-1cbf-4d64-b04d-cd9187a4c6e0", "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0")
    file = bundle(
        tmp_path / "b.json",
        (urls[0], patient(0)),
        (urls[1], patient(1)),
        ("", encounter(0, reference)),
        ("", encounter(1, "Patient/P0")),
    )
    seen = [one["subject.id"] for one in rows(file) if one["resourceType"] == "Encounter"]
    assert seen == ["P1", "P0"]


def test_a_resource_without_an_id_has_that_of_its_entry(tmp_path: Path) -> None:
    url = "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"
    nobody = {name: value for name, value in patient(0).items() if name != "id"}
    person, contact = rows(bundle(tmp_path / "b.json", (url, nobody), ("", encounter(0, url))))
    assert person["id"] == contact["subject.id"] == "0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"


@pytest.mark.parametrize("form", ["bundle", "lines"])
def test_people_inside_a_contact_are_told_apart_and_are_records_too(tmp_path: Path, form: str) -> None:
    """#p1 is another person in each resource that holds one of that name."""
    held = [
        encounter(0, "#p1", contained=[patient(0, id="p1")]),
        encounter(1, "#p1", contained=[patient(1, id="p1")]),
        encounter(2, "#p1", contained=[patient(0, id="p1")]),
    ]
    file = tmp_path / "b.ndjson"
    if form == "bundle":
        bundle(file, *(("", one) for one in held))
    else:
        file.write_text("\n".join(map(json.dumps, held)), encoding="utf-8")
    found = rows(file)
    assert [one["subject.id"] for one in found if one["resourceType"] == "Encounter"] == ["M0", "M1", "M0"]
    assert [one["id"] for one in found if one["resourceType"] == "Patient"] == ["M0", "M1", "M0"]


def test_the_nhs_number_is_taken_wherever_it_stands_among_the_numbers(tmp_path: Path) -> None:
    file = bundle(tmp_path / "b.json", ("", patient(0)), ("", patient(1, identifier=[{"system": MRN, "value": "M1"}])))
    assert [one.get("identifier.nhs-number", "") for one in rows(file)] == [NUMBERS[0], ""]


@pytest.mark.parametrize("form", ["bundle", "lines"])
def test_a_file_of_several_sorts_is_read_once_a_sort_and_the_others_are_named(tmp_path: Path, form: str) -> None:
    drugs = [{"resourceType": "MedicationRequest", "id": f"D{at}", "status": "completed"} for at in range(3)]
    things = [patient(0), patient(1), encounter(0, "Patient/P0"), encounter(1, "Patient/P1"), *drugs]
    file = tmp_path / "export.json"
    if form == "bundle":
        bundle(file, *(("", one) for one in things))
    else:
        file.write_text("\n".join(map(json.dumps, things)), encoding="utf-8")
    found = proposed(tmp_path, ["export.json"])
    blocks = [tomllib.loads(text)["source"][0] for one in found for text in one.texts]
    assert [(one["table"], one["where"]["resourceType"]) for one in blocks] == [
        ("record", "Patient"),
        ("contact", "Encounter"),
    ]
    assert not [why for one in found for why in one.problems]
    assert all("not read are MedicationRequest (3)" in one.why for one in found)
