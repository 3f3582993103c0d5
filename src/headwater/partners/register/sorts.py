"""What sort of body a partner is: the register's word where its name is known, else by the words of the name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from headwater.partners.register.known_names import WHOLE
from headwater.partners.register.resolve import plain
from headwater.partners.sorts import body_sort

if TYPE_CHECKING:
    from headwater.partners.register.resolve import Find

# The first pattern that fits a name says its sort; the order matters ("fire and rescue authority" is not a council, a
# council's housing company is no council, the NHS trust of a county neither).
SORTS = (
    (
        "company",
        r"\b(?:ltd|limited|plc|llp|inc|capita|serco|mouchel|atos|agilisys|civica|amey|veolia|biffa|kier|arvato|ibm|bt)\b",
    ),
    (
        "government department",
        (
            r"\b(?:hmrc|dvsa|dvla|dwp|hmcts|moj|mod|defra|dfe|dft|dluhc|mhclg|ukvi|hmpps|home office|cabinet"
            r" office|treasury|ministry|department (?:for|of)|environment agency|highways (?:england|agency)|national"
            r" highways|land registry|jobcentre|border force|probation service|prison service|hm \w+|crown"
            r" prosecution|cps|coastguard|met office|ordnance survey)\b"
        ),
    ),
    (
        "national health body",
        (
            r"\b(?:nhs england|public health england|phe|ukhsa|nhs digital|nhs improvement|nhs property services|nhs"
            r" (?:sbs|shared business services)|nhs blood|nhs bsa|nhs business services|nhs resolution|nhs supply"
            r" chain|health education england)\b"
        ),
    ),
    ("ambulance", r"\bambulance\b|\bambiwlans\b"),
    ("police", r"\bpolice,? fire (?:and|&) crime\b|\bp?fcc\b|\bpolice forces?\b|\bforces$"),
    ("fire", r"\bfire\b|\brescue\b|\bf&?rs\b|\b[a-z&]{1,5}frs\b|\bt[âa]n ac achub\b"),
    ("police", r"\bpolice\b|\bheddlu\b|\bconstabular(?:y|ies)\b|\bo?pcc\b|\bpolice and crime commissioner"),
    (
        "commissioner",
        (
            r"\bccgs?\b|\bclinical commissioning\b|\bicbs?\b|\bintegrated care (?:board|system)\b|\bpct\b|\bprimary"
            r" care trust|\bnhs (?:north|south|east|west|central)\b"
        ),
    ),
    ("care-home", r"\bcare homes?\b|\bnursing homes?\b"),
    (
        "gp",
        (
            r"\bgps?\b|\bgeneral practice\b|\bprimary care\b|\bpractices?\b|\bprincipia\b|\bmedical"
            r" centre\b|\bsurger(?:y|ies)\b|\bpcns?\b"
        ),
    ),
    ("mental-health-trust", r"\bmental health\b|\bpartnership nhs\b|\bhealth and care partnership\b"),
    ("community-trust", r"\bcommunity (?:health\w*|nhs|trust|services|hospitals?)\b|\bcare trust\b"),
    (
        "hospital-trust",
        (
            r"\bhospitals?\b|\bfoundation trust\b|\binfirmary\b|\bnhs (?:ft\b|trust)|\bnhs foundation\b|\bteaching"
            r" hospital|\bhealthcare nhs\b|\buniversity hospitals?\b|\bnhs\b.*\btrust\b|\bft$|\b[a-z&]{2,}nhs(?:ft|t)\b"
        ),
    ),
    ("commissioner", r"^nhs (?!.*\b(?:trusts?|ft|property|digital|england)\b)"),
    ("social-care", r"\bsocial care\b|\bsocial services\b|\badult care\b"),
    (
        "housing",
        (
            r"\bhousing\b|^(?:peabody|clarion|sanctuary|l&q|places for people|riverside group|bromford|anchor"
            r" hanover|notting hill genesis|a2dominion|stonewater|gentoo|livewest|southern housing|guinness"
            r" partnership|orbit group|hyde group|home group)\b|\bhomes\b|\btenants\b|\balmo\b|\bregistered provider"
        ),
    ),
    ("education", r"\buniversity\b|\bcollege\b|\bschools?\b|\bacadem(?:y|ies)\b"),
    ("vanguards", r"\bvanguards?\b"),
    (
        "voluntary",
        (
            r"\bcharit|\bvoluntary\b|\bvolunteers?\b|\bage (?:uk|concern)\b|\bred cross\b|\bcitizens"
            r" advice\b|\bmind\b|\bcic\b|\bst john\b|\bcommunity interest\b|\btrussell\b|\bshelter\b|\bsalvation army\b"
        ),
    ),
    (
        "buying organisation",
        (
            r"\b(?:ypo|nepo|espo|cbc|kcs|fusion21|scape|pagabo|ccs|purchasing (?:organisation|consortium)|procurement"
            r" (?:organisation|partnership|hub|consortium))\b"
        ),
    ),
    (
        "council",
        (
            r"\bcouncils?\b|\bcyngor\b|\bjoint (?:committee|board|waste authority)\b|\bborough\b|\bdistrict\b|\bcounty"
            r" of\b|\bcity of\b|\bunitary\b|\bcombined"
            r" authority\b|\b(?:mbc|mdc|mc|lbc|cbc|bc|dc|cc|lb|rb|ua|c\.c\.)\b|\bcorporation\b"
        ),
    ),
)


def sort_of(name: str, find: Find) -> str:
    """The sort of a partner: the register's where the name is known, a council's kinds being one; else by its name; ''
    for neither."""
    found = find(name, None)
    if found is not None and found.sort:
        return body_sort(found.sort)
    low = name.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    sort = next((sort for sort, pattern in SORTS if re.search(pattern, low)), "")
    return "council" if not sort and (plain(name) in WHOLE or re.search(r"\bcounty\b", low)) else sort
