"""How each agency writes its files: headings, dates, delimiters and words of its own, none of them ours."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Layout:
    """contact: our column → their heading. `form` is csv, csv.gz or parquet; `stamp` how dates are written."""

    agency: str
    contact: dict[str, str]
    form: str = "csv"
    delimiter: str = ","
    stamp: str = "iso"
    """iso, british or day."""
    words: dict[str, str] = field(default_factory=dict)
    """Kind of contact → the agency's word for it."""


def _layout(
    agency: str, headings: str, kinds: dict[str, str], form: str = "csv", delimiter: str = ",", stamp: str = "iso"
) -> Layout:
    ours = ("contact", "record", "start", "kind", "service", "quantity")
    return Layout(agency, dict(zip(ours, headings.split(), strict=True)), form, delimiter, stamp, kinds)


LAYOUTS = {
    layout.agency: layout
    for layout in (
        _layout(
            "hospital",
            "event_id patient_no event_start event_type dept_code bed_days",
            {
                "ae_attendance": "AE",
                "emergency_admission": "EMADM",
                "fracture_attendance": "FRAC",
                "outpatient_appointment": "OPA",
            },
        ),
        _layout(
            "ambulance",
            "IncidentRef CallerRef CallTime Category Team Units",
            {"ambulance_call": "999"},
            "csv.gz",
            stamp="british",
        ),
        _layout(
            "gp", "consultation patient consulted_at type practice_service n", {"gp_contact": "consultation"}, "parquet"
        ),
        _layout(
            "community",
            "visit_id client visit_date visit_kind team visits",
            {"community_nursing": "nurse visit"},
            delimiter=";",
            stamp="british-day",
        ),
        _layout(
            "social-care", "VisitNo PersonNo VisitDate Kind Service Amount", {"social_care_visit": "HC"}, stamp="day"
        ),
        _layout("care-home", "stay resident from_date stay_type home nights", {"respite_stay": "respite"}, stamp="day"),
        _layout(
            "mental-health",
            "contact_ref client_ref contact_date what team n",
            {"mental_health_contact": "CMHT"},
            delimiter="|",
        ),
        _layout(
            "housing", "case tenant opened case_type office cases", {"housing_contact": "tenancy"}, stamp="british-day"
        ),
        _layout("police", "incident nominal reported class unit n", {"police_incident": "INC"}),
        _layout("fire", "visit_ref occupier visited purpose watch n", {"home_safety_visit": "HSV"}, stamp="day"),
        _layout("advice-line", "call caller rang about line n", {"advice_line_call": "health"}),
    )
}
COUNCIL = _layout(
    "council", "claim claimant claimed_on claim_type office n", {"benefits_claim": "benefit"}, stamp="british-day"
)
IDENTITY = {
    "record": "number",
    "nhs_number": "nhs",
    "given_name": "given",
    "family_name": "family",
    "birth_date": "birth",
    "sex": "sex",
    "address": "address",
    "postcode": "postcode",
    "area": "area",
    "deprivation": "deprivation",
}
