"""The county's five programmes: what each says in its protocol, and, for judging only, what it truly does."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Programme:
    """A programme of people. `weeks` is how far the entry rule looks back; `effects` are true rate ratios from
    enrolment on."""

    id: str
    agency: str
    """Whose record numbers the enrolment list uses."""
    kind: str
    at_least: int
    within_days: int
    minimum_age: int
    chance: float
    """Of being taken on when one becomes eligible, before age and area shift it a little."""
    first_week: int
    last_week: int
    effects: dict[str, float] = field(default_factory=dict)

    @property
    def weeks(self) -> int:
        """Whole weeks that lie within the rule's days, so that whoever qualifies here qualifies by the protocol."""
        return self.within_days // 7


# Weeks count from 2022-01-03, a Monday; week 52 begins 2023-01-02.
PEOPLE = (
    Programme(
        "frequent-attenders",
        "gp",
        "ae_attendance",
        3,
        90,
        18,
        0.42,
        54,
        96,
        {"ae_attendance": 0.70, "emergency_admission": 0.60},
    ),
    Programme("wellbeing-calls", "ambulance", "ambulance_call", 2, 60, 18, 0.40, 54, 96),
    Programme(
        "rapid-discharge",
        "hospital",
        "emergency_admission",
        1,
        30,
        18,
        0.30,
        60,
        96,
        {"ae_attendance": 1.30, "social_care_visit": 1.50},
    ),
    Programme("community-matrons", "gp", "ae_attendance", 2, 120, 60, 0.30, 56, 96, {"ae_attendance": 0.80}),
)

STREETWEEK = "streetweek"
STREETWEEK_WEEK = 91
"""Begins 2023-10-02."""
STREETWEEK_WEEKS = 26
STREETWEEK_RATIO = 0.70
DISPLACED_RATIO = 1.04

PREVENTIVE = {("community_nursing", "ae_attendance"): 0.60, ("social_care_visit", "emergency_admission"): 0.75}
PREVENTIVE_WEEKS = 13
DECOY = "advice_line_call"

COMMON = """\
estimand = "att"
history_days = 365
follow_up_days = 365
minimum_grade = 3
seed = 20240101
draws = 2000
stopping_rule = "Stop if an independent reviewer sees harm in the quarterly counts."
"""

PROTOCOLS = {
    "frequent-attenders": (
        """\
id = "frequent-attenders"
name = "Care plans for frequent A&E attenders"
style = "upstream"
lead = "gp"
partners = ["hospital", "community", "social-care", "ambulance"]
start = 2023-01-16
theory = "A GP, a consultant, a community matron, a social worker and a paramedic make one care plan, so that crises are met earlier and elsewhere than in A&E."
owner = "head of urgent care, integrated care board"
unit = "person"
subgroups = ["sex", "age_band", "deprivation"]
phases = "three-phases"
{common}
[entry]
kind = "ae_attendance"
at_least = 3
within_days = 90
minimum_age = 18

[comparison]
method = "matched"
exact = ["age_band", "sex"]
distance = "propensity"
caliper = 0.2
per_unit = 3

[[outcome]]
kind = "ae_attendance"
role = "primary"
worthwhile = 0.10
[[outcome]]
kind = "emergency_admission"
role = "secondary"
worthwhile = 0.10
[[outcome]]
kind = "ambulance_call"
role = "displacement"
[[outcome]]
kind = "fracture_attendance"
role = "negative-control"
[[outcome]]
kind = "outpatient_appointment"
role = "negative-control"

[cashable]
ae_attendance = 0.40
emergency_admission = 0.50
[backfill]
ae_attendance = 0.40
emergency_admission = 0.40

[[bearer]]
kind = "ae_attendance"
bearer = "icb"
share = 1.0
[[bearer]]
kind = "emergency_admission"
bearer = "icb"
share = 0.85
[[bearer]]
kind = "emergency_admission"
bearer = "council-social-care"
share = 0.15

[[cost]]
bearer = "icb"
what = "running"
gbp = {running}
yearly = true
[[cost]]
bearer = "council-social-care"
what = "running"
gbp = {running_council}
yearly = true
[[cost]]
bearer = "icb"
what = "set-up"
gbp = 18000
[[cost]]
bearer = "icb"
what = "governance"
gbp = 4000
yearly = true

# Quality-adjusted life years lost with one, assumed for the demonstration: a few days of poor health.
[qaly]
ae_attendance = 0.002
emergency_admission = 0.01

[[agreement]]
what = "data-sharing"
between = ["gp", "hospital", "community", "social-care", "ambulance"]
signed = 2022-12-01
expires = 2024-06-30
[[agreement]]
what = "impact-assessment"
between = ["gp", "hospital"]
signed = 2022-12-01
"""
    ),
    "wellbeing-calls": (
        """\
id = "wellbeing-calls"
name = "Wellbeing calls after repeated 999 calls"
style = "upstream"
lead = "ambulance"
partners = ["gp"]
start = 2023-01-16
theory = "A weekly call gives people who ring 999 often somebody else to talk to."
owner = "director of operations, ambulance service"
unit = "person"
{common}
[entry]
kind = "ambulance_call"
at_least = 2
within_days = 60
minimum_age = 18

[comparison]
method = "matched"
exact = ["age_band", "sex"]
distance = "propensity"
caliper = 0.2
per_unit = 3

[[outcome]]
kind = "ambulance_call"
role = "primary"
worthwhile = 0.10
[[outcome]]
kind = "ae_attendance"
role = "secondary"
worthwhile = 0.10
[[outcome]]
kind = "fracture_attendance"
role = "negative-control"
[[outcome]]
kind = "outpatient_appointment"
role = "negative-control"

[cashable]
ambulance_call = 0.20
[backfill]
ambulance_call = 0.70

[[bearer]]
kind = "ambulance_call"
bearer = "ambulance"
share = 1.0

[[cost]]
bearer = "ambulance"
what = "running"
gbp = 60000
yearly = true

[[agreement]]
what = "data-sharing"
between = ["ambulance", "gp"]
signed = 2022-11-15
expires = 2027-03-31
"""
    ),
    "rapid-discharge": (
        """\
id = "rapid-discharge"
name = "Rapid discharge from the wards"
style = "integration"
lead = "hospital"
partners = ["social-care", "care-home"]
start = 2023-02-27
theory = "Patients leave the ward earlier, with a visit promised at home."
owner = "chief operating officer, hospital"
unit = "person"
{common}
[entry]
kind = "emergency_admission"
at_least = 1
within_days = 30
minimum_age = 18

[comparison]
method = "matched"
exact = ["age_band", "sex"]
distance = "propensity"
caliper = 0.2
per_unit = 3

[[outcome]]
kind = "ae_attendance"
role = "primary"
worthwhile = 0.10
[[outcome]]
kind = "emergency_admission"
role = "secondary"
worthwhile = 0.10
[[outcome]]
kind = "social_care_visit"
role = "displacement"
[[outcome]]
kind = "fracture_attendance"
role = "negative-control"
[[outcome]]
kind = "outpatient_appointment"
role = "negative-control"

[cashable]
ae_attendance = 0.25
[backfill]
ae_attendance = 0.60

[[bearer]]
kind = "ae_attendance"
bearer = "icb"
share = 1.0
[[bearer]]
kind = "social_care_visit"
bearer = "council-social-care"
share = 1.0

[[cost]]
bearer = "hospital"
what = "running"
gbp = 90000
yearly = true

[[agreement]]
what = "data-sharing"
between = ["hospital", "social-care"]
signed = 2023-01-10
expires = 2026-12-31
"""
    ),
    "community-matrons": (
        """\
id = "community-matrons"
name = "Community matrons for older people"
style = "upstream"
lead = "community"
partners = ["gp", "hospital"]
start = 2023-01-30
theory = "A matron visits older people after a second attendance and keeps them well at home."
owner = "chief nurse, community trust"
unit = "person"
{common}
[entry]
kind = "ae_attendance"
at_least = 2
within_days = 120
minimum_age = 60

[comparison]
method = "matched"
exact = ["age_band", "sex"]
distance = "propensity"
caliper = 0.2
per_unit = 3

[[outcome]]
kind = "ae_attendance"
role = "primary"
worthwhile = 0.10
[[outcome]]
kind = "emergency_admission"
role = "secondary"
worthwhile = 0.10
[[outcome]]
kind = "fracture_attendance"
role = "negative-control"
[[outcome]]
kind = "outpatient_appointment"
role = "negative-control"

[cashable]
ae_attendance = 0.25
[backfill]
ae_attendance = 0.60

[[bearer]]
kind = "ae_attendance"
bearer = "icb"
share = 1.0

[[cost]]
bearer = "icb"
what = "running"
gbp = 85000
yearly = true

[[agreement]]
what = "data-sharing"
between = ["community", "gp", "hospital"]
signed = 2022-12-20
expires = 2026-03-31
"""
    ),
    "streetweek": (
        """\
id = "streetweek"
name = "Streetweek: one week, twelve streets, every agency"
style = "integration"
lead = "police"
partners = ["fire", "council-ashford", "housing", "social-care"]
start = 2023-10-02
theory = "Every agency knocks on every door of a street in one week and mends what it finds, so that fewer calls come later."
owner = "neighbourhood superintendent, police"
unit = "place"
phases = "action-week"
minimum_grade = 3
seed = 20240101
draws = 2000
follow_up_days = 182

[comparison]
method = "did"
[comparison.options]
buffer_metres = 300   # what moves round the corner is looked for there, and is no comparison

[[outcome]]
kind = "police_incident"
role = "primary"
worthwhile = 0.10

[cashable]
police_incident = 0.10
[backfill]
police_incident = 0.80

[[bearer]]
kind = "police_incident"
bearer = "police"
share = 1.0

[[cost]]
bearer = "police"
what = "running"
gbp = 22000
[[cost]]
bearer = "council-ashford"
what = "running"
gbp = 9000

[[agreement]]
what = "data-sharing"
between = ["police", "fire", "council-ashford", "housing"]
signed = 2023-08-01
expires = 2025-08-01
"""
    ),
}


def protocol_text(collaboration: str, enrolled: int) -> str:
    """The protocol's TOML; running costs follow the number enrolled (about £300 a head a year, two fifths the
    council's)."""
    running = round(180 * enrolled, -3)
    council = round(120 * enrolled, -3)
    return (
        PROTOCOLS[collaboration]
        .replace("{common}", COMMON)
        .replace("{running}", str(running))
        .replace("{running_council}", str(council))
    )
