"""Rows in the manners of real lists, written down before the rules had seen them; style, status, claim and conflicts together.

How many were right at first sight, before anything was mended for them, stands in docs/measured/register.md.
"""

from __future__ import annotations

import csv
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from headwater.partners.register import Known, list_of

if TYPE_CHECKING:
    from headwater.domain.options import Listed

M, I, U, N = "mirror", "integration", "upstream", "unsure"
NONE = None
ROWS = (
    # partners, what is shared, start, status, saving, how many partners, style, status, claim in pounds, a year
    ("Chiltern DC and South Bucks DC", "Joint management", "Apr 2012", "Merged into Buckinghamshire 2020", "£1.3m pa", 2, M, "ended", 1.3e6, 1.3e6),
    ("Vale of White Horse / South Oxfordshire", "All services", "2008", "Current", "£4m to date", 2, M, "running", 4e6, NONE),
    ("East Hampshire & Havant", "Chief Exec", "01.10.2009", "Terminated Feb 2022", "£2.1 million p.a.", 2, M, "ended", 2.1e6, 2.1e6),
    ("Mole Valley; Tandridge; Reigate & Banstead", "Building control (Southern Building Control Partnership)", "2018", "up and running", "approx. £150k each", 3, M, "running", 150e3, NONE),
    ("LB Sutton + RB Kingston", "HR", "2012/13", "Ongoing", "£400,000/yr", 2, M, "running", 400e3, 400e3),
    ("Bromsgrove DC (lead); Redditch BC", "Management and most services", "2010", "In operation", "£5.6m over eight years", 2, M, "running", 5.6e6, 700e3),
    ("Wellingborough & East Northants", "Payroll", "2006", "Ceased Mar 2014", "nil", 2, M, "ended", 0.0, NONE),
    ("Stroud, Cotswold, Forest of Dean and Tewkesbury", "Legal (One Legal)", "2010", "Live", "10%", 4, M, "running", NONE, NONE),
    ("Northumberland CC; North Tyneside MBC", "Out-of-hours emergency duty", "", "", "", 2, M, "not said", NONE, NONE),
    ("North Yorkshire CC & Selby DC", "Better Together", "2011", "ended 2023 (new unitary)", "£1.9m", 2, M, "ended", 1.9e6, NONE),
    ("Leicester City Council, Leicestershire County Council and Rutland", "Local resilience", "2004", "Established", "n/k", 3, M, "running", NONE, NONE),
    ("Wolverhampton; Walsall; Sandwell; Dudley", "Black Country procurement", "2013", "On hold", "£1m - £1.5m a year", 4, M, "paused", 1e6, 1e6),
    ("Staffs CC and Stoke-on-Trent City Council", "Joint archives", "1996", "Active", "£60k pa", 2, M, "running", 60e3, 60e3),
    ("Gateshead and Newcastle", "ICT", "2015", "Not taken forward", "£0.8m", 2, M, "abandoned", 0.8e6, NONE),
    ("Oxford City Council/ Cherwell", "Waste depot", "2015", "Rejected on cost grounds", "£250k", 2, M, "refused on cost", 250e3, NONE),
    ("Torridge; North Devon", "Chief executive", "2011", "Business case being prepared - proposed", "£90-120k pa", 2, M, "proposed", 90e3, 90e3),
    ("Suffolk Coastal DC; Waveney DC", "Single staff team", "2010", "Superseded by merger 2019", "£17m over 8 yrs", 2, M, "ended", 17e6, 17e6 / 8),
    ("Boston BC, East Lindsey DC and South Holland DC", "S&ELCP shared workforce", "Oct 2021", "operational", "£42m/10 years", 3, M, "running", 42e6, 4.2e6),
    ("Peterborough CC and Cambridgeshire CC", "Chief exec + directors", "2015", "Split 2022", "£9m in total", 2, M, "ended", 9e6, NONE),
    ("Royal Borough of Windsor & Maidenhead; Wokingham", "Trading standards", "2010", "Y", "£85k per annum", 2, M, "not said", 85e3, 85e3),
    ("Hambleton; Richmondshire", "Shared management", "2008", "dissolved 2012", "-£200k", 2, M, "ended", NONE, NONE),
    ("Kingston & Richmond (Achieving for Children)", "Children's services", "2014", "Live", "£2m a year", 2, M, "running", 2e6, 2e6),
    ("Lincolnshire Legal (Lincolnshire CC, Boston, North Kesteven, South Holland, West Lindsey)", "Legal services", "2008", "live", "£3m over 5 years", 5, M, "running", 3e6, 600e3),
    ("Worcestershire Regulatory Services: Bromsgrove, Malvern Hills, Redditch, Worcester, Wychavon, Wyre Forest", "Environmental health", "June 2010", "Reduced to 6 partners 2016", "£1.3m", 7, M, "not said", 1.3e6, NONE),
    ("Merthyr Tydfil CBC & Rhondda Cynon Taf CBC", "Adoption", "2014", "Active", "TBC", 2, M, "running", NONE, NONE),
    ("Cyngor Sir Ceredigion; Cyngor Sir Powys", "Regional growth deal team", "2017", "Cyfredol", "", 2, M, "not said", NONE, NONE),
    ("Conwy and Denbighshire", "Public protection", "2010", "Paused 2012", "£1,000,000 - £1,500,000", 2, M, "paused", 1e6, NONE),
    ("Caerphilly; Blaenau Gwent; Torfaen; Monmouthshire; Newport", "Education Achievement Service", "Sept 2012", "Live", "£2.5m by 2014", 5, M, "running", 2.5e6, NONE),
    ("Clackmannanshire Council and Stirling Council", "Education and social services", "2011", "Stirling withdrew 2015", "£0.7m", 2, M, "ended", 0.7e6, NONE),
    ("Dumfries and Galloway Council; Scottish Borders Council", "Trading standards", "2014", "discussion stage", "unknown", 2, M, "proposed", NONE, NONE),
    ("Warwickshire Police and West Mercia Police", "Strategic alliance", "2013", "Ended 2019 - West Mercia gave notice", "£35m", 2, M, "ended", 35e6, NONE),
    ("Beds, Cambs and Herts Police", "ICT, HR, firearms", "2012", "continuing", "£11m per year", 3, M, "running", 11e6, 11e6),
    ("Norfolk and Suffolk Constabulary", "Back office", "2010", "ongoing", "£16.1m p.a. (2015/16)", 2, M, "running", 16.1e6, 16.1e6),
    ("Surrey Police & Sussex Police", "Merger", "2017", "Plans dropped", "£5m", 2, M, "abandoned", 5e6, NONE),
    ("Yorkshire & Humber forces; Humberside Police; North Yorkshire Police; South Yorkshire Police", "Underwater search", "2012", "Live", "£1,250,000 annually", 4, M, "running", 1.25e6, 1.25e6),
    ("Avon & Somerset Constabulary, Gloucestershire Constabulary and Wiltshire Police", "Tri-force specialist ops", "2013", "Ended Apr 2019", "£4.9m", 3, M, "ended", 4.9e6, NONE),
    ("Cleveland Police; Durham Constabulary; North Yorkshire Police", "Evolve: legal, collision", "2016", "Live", "£300K pa", 3, M, "running", 300e3, 300e3),
    ("Thames Valley Fire Control Service (Royal Berkshire FRS, Oxfordshire FRS, Buckinghamshire FRS)", "999 control", "Apr-15", "Live", "£1m pa (£16m over 15 years)", 3, M, "running", 1e6, 1e6),
    ("Devon & Somerset FRS, Dorset & Wiltshire FRS, Hampshire FRS", "Networked fire control", "2015", "Operational", "£600k p.a.", 3, M, "running", 600e3, 600e3),
    ("Merseyside Fire & Rescue Authority; Lancashire Combined Fire Authority; Cheshire Fire Authority; Cumbria CC", "North West Fire Control Ltd", "2014", "Live", "£1.5m p/a", 4, M, "running", 1.5e6, 1.5e6),
    ("Tyne & Wear FRS; Northumberland FRS", "Control", "2017", "awaiting approval", "£350k per year", 2, M, "proposed", 350e3, 350e3),
    ("Dorset & Wiltshire Fire and Rescue", "Combination", "2016", "Complete", "£6m", 1, N, "not said", 6e6, NONE),
    ("Guy's and St Thomas' NHS Foundation Trust; Royal Brompton and Harefield NHS FT", "Merger of management", "2021", "Live", "", 2, M, "running", NONE, NONE),
    ("NHS Kent & Medway ICB; NHS Sussex ICB", "Commissioning support", "2022", "Live", "£2m", 2, M, "running", 2e6, NONE),
    ("NHS Birmingham CrossCity CCG, NHS Solihull CCG", "Single management", "2016", "Merged 2018", "£3.4m", 2, M, "ended", 3.4e6, NONE),
    ("West Midlands Ambulance Service; East Midlands Ambulance Service", "Fleet parts", "2012", "lapsed", "£20,000 a month", 2, M, "ended", 20e3, 240e3),
    ("Peabody; Catalyst Housing", "Repairs contractor", "2022", "live", "£52m over 5 years", 2, M, "running", 52e6, 10.4e6),
    ("London Fire Brigade, Metropolitan Police, London Ambulance Service", "Blue light estates", "2016", "Live", "£5m", 3, I, "running", 5e6, NONE),
    ("Northumbria Police / Tyne and Wear Fire and Rescue Service", "Shared station at Hebburn", "2014", "Live", "£80,000 pa", 2, I, "running", 80e3, 80e3),
    ("Hertfordshire CC; Hertfordshire Constabulary; Herts Fire", "Joint fleet workshop", "2013", "Agreed", "£200k p.a.", 3, I, "not said", 200e3, 200e3),
    ("Essex Police, Fire and Crime Commissioner; Essex County Fire and Rescue", "Estates", "2017", "Live", "£30m over ten years", 2, I, "running", 30e6, 3e6),
    ("Gloucestershire Constabulary; Gloucestershire FRS; South Western Ambulance Service", "Tri-service centre", "2003", "Live", "£45k/qtr", 3, I, "running", 45e3, 180e3),
    ("Torbay Council; Torbay Care Trust", "Integrated adult care", "2005", "Live", "", 2, I, "running", NONE, NONE),
    ("Cambridgeshire County Council; Cambridgeshire and Peterborough NHS Foundation Trust", "Section 75 mental health", "2009", "Renewed 2019", "", 2, I, "running", NONE, NONE),
    ("Publica Group Ltd; Cotswold DC; West Oxfordshire DC; Forest of Dean DC; Cheltenham BC", "Back office company", "2017", "Being wound up 2024-", "£41m/10yrs", 5, I, "running", 41e6, 4.1e6),
    ("Liberata UK Ltd / Burnley BC / Pendle BC", "Revenues and benefits", "2005", "Live", "£1.15m p.a.", 3, I, "running", 1.15e6, 1.15e6),
    ("DWP; Lewisham; Southwark; Lambeth", "Pathways to employment", "2014", "Ended Mar-17", "£0.6m", 4, I, "ended", 0.6e6, NONE),
    ("Cheshire Fire and Rescue; NHS England; Cheshire East; Cheshire West and Chester", "Safe and Well visits to reduce falls and admissions", "2016", "Live", "£3.20 per £1", 4, U, "running", NONE, NONE),
    ("Sunderland CCG; Sunderland City Council; South Tyneside and Sunderland NHS FT", "Recovery at home: fewer emergency admissions", "2015", "Live", "£6m over two years", 3, U, "running", 6e6, 3e6),
    ("Greater Manchester Fire and Rescue Service; North West Ambulance Service", "Falls response pilot to avoid ambulance conveyance", "2015", "Pilot ended 2017", "£3.6m p.a.", 2, U, "ended", 3.6e6, 3.6e6),
    ("Age UK Herefordshire and Worcestershire; Worcestershire Acute Hospitals NHS Trust", "Hospital discharge scheme", "2018", "Live", "€250k", 2, U, "running", NONE, NONE),
    ("Blackpool Teaching Hospitals NHS FT; Fylde and Wyre CCG; Horizon Housing", "High intensity users", "2014", "Rolled out", "£2m", 3, U, "not said", 2e6, NONE),
    ("Wirral Community NHS Foundation Trust; Wirral CCG", "Teletriage in care homes to reduce A&E attendances", "2017", "Live", "1.4 m", 2, U, "running", 1.4e6, NONE),
    ("Erewash vanguard", "Multi-specialty community provider", "2015", "Ended 2018", "tbc", 1, U, "ended", NONE, NONE),
    ("Eastleigh BC", "Shared nothing", "2010", "Live", "", 1, N, "running", NONE, NONE),
    ("various", "Audit", "2010", "Live", "", 0, N, "running", NONE, NONE),
    ("Zeta Partners; Quux 7", "Odds and ends", "2010", "Live", "", 2, N, "running", NONE, NONE),
    # a second batch, written when the first had been mended
    ("Barnet Homes / LB Barnet","Housing options","2011","Live","£450k p.a.",2,I,"running",450e3,450e3),
    ("Christchurch BC & East Dorset DC","Partnership working","2011","Ended March 2019 (LGR)","£4.5m since 2011",2,M,"ended",4.5e6,None),
    ("Purbeck; North Dorset; West Dorset; Weymouth & Portland","Audit & revenues","2015","Superseded by Dorset Council","£6m by 2020",4,M,"ended",6e6,None),
    ("Three Rivers DC, Watford BC","HR, ICT, Finance, Revs & Bens","2008","Lead authority model from 2014","£1.4m/yr",2,M,"not said",1.4e6,1.4e6),
    ("Test Valley BC with Winchester City Council","Exec board","2010","no longer in place","£800,000 pa each",2,M,"ended",800e3,1.6e6),
    ("Capita / Breckland","Planning","2011","contract expired","£2m over 15 years",2,I,"ended",2e6,2e6/15),
    ("Lancaster City Council; Preston City Council","Revs and bens","2011","Live","700,000",2,M,"running",700e3,None),
    ("Fenland & Peterborough","Planning","2016","Fenland left 2021","£130k",2,M,"ended",130e3,None),
    ("Nottinghamshire Police; Leicestershire Police; Lincolnshire Police; Derbyshire Constabulary; Northamptonshire Police","EMSOU major crime","2010","in force","£8.1m annual",5,M,"running",8.1e6,8.1e6),
    ("Dyfed-Powys Police, Gwent Police & South Wales Police","Joint legal services","2013","Running","£190k a year",3,M,"running",190e3,190e3),
    ("Mid & West Wales FRS; South Wales FRS; South Wales Police","Joint control at Bridgend","Oct 2017","Live","£1m p.a.",3,I,"running",1e6,1e6),
    ("Cambs FRS and Suffolk FRS","Combined fire control","2011","Live","£0.4m per annum",2,M,"running",400e3,400e3),
    ("East Sussex Fire & Rescue Service / West Sussex FRS","Sussex Control Centre","2014","WSFRS moved to Surrey 2019","£1.1m over ten years",2,M,"not said",1.1e6,110e3),
    ("Northamptonshire PCC; Northamptonshire FRS","Governance","2019","Live","",2,I,"running",None,None),
    ("Ealing, Brent, Hounslow (West London Waste)","Waste disposal","1986","Live","",3,M,"running",None,None),
    ("Bath & NE Somerset; Wiltshire","Registrars","2012","not pursued","£100k",2,M,"abandoned",100e3,None),
    ("Salford Royal; Bolton FT; Wigan CCG","Pathology","2014","Live","£2-2.5m pa",3,I,"running",2e6,2e6),
    ("Herts Valleys CCG; East & North Herts CCG","Joint commissioning","2018","merged into ICB July 2022","£1.9m",2,M,"ended",1.9e6,None),
    ("Norfolk and Suffolk NHS Foundation Trust; Norfolk County Council","Section 75","2008","Ended 2014","",2,I,"ended",None,None),
    ("Cornwall FRS; Cornwall Council; Age UK Cornwall and Isles of Scilly","Safe and well visits: fewer falls","2015","Live","£",3,U,"running",None,None),
    ("Staffordshire Fire & Rescue; Stoke-on-Trent City Council","Home safety referrals to prevent fires","2016","Live","saves £320k a year",2,U,"running",320e3,320e3),
    ("Highland Council; NHS Highland","Lead agency model","2012","Live","",2,I,"running",None,None),
    ("Belfast City Council; Lisburn & Castlereagh City Council","Building control","2015","Proposal","£70k",2,M,"proposed",70e3,None),
    ("Orbis (Surrey CC / East Sussex CC / Brighton & Hove CC)","Back office","2015","Dissolving","£15m by 2019",3,M,"not said",15e6,None),
    ("Kent & Medway NHS and Social Care Partnership Trust; Kent CC","Approved mental health professionals","2010","Live","",2,I,"running",None,None),
    ("Yorkshire Ambulance Service NHS Trust, North East Ambulance Service NHS FT and North West Ambulance Service NHS Trust","Northern Ambulance Alliance","2016","Live","£4.7m",3,M,"running",4.7e6,None),
    ("Exeter, East Devon and Teignbridge (Strata)","ICT company","2014","Live","£9.5m over 10 yrs",3,M,"running",9.5e6,950e3),
    ("City of London Police; Metropolitan Police Service","Economic crime training","2018","Complete","£50k (one-off)",2,M,"not said",50e3,None),
    ("Telford & Wrekin / Shropshire","Youth offending","2010","WMYJS from 2012","£1/4m",2,M,"not said",250e3,None),
    ("Wyre Forest; Malvern Hills; Wychavon; Worcester City; Bromsgrove; Redditch; Worcs CC","Property (Place Partnership)","2015","Wound up March 2021","£58m over ten years projected",7,M,"ended",58e6,5.8e6),
)  # fmt: skip
CONFLICTS = (
    # row of ROWS it contradicts, partners as another list has them, subject, start, status, saving
    (0, "South Bucks|Chiltern", "Shared management team", "2012", "ended", "£0.5m a year"),
    (5, "Redditch Borough Council|Bromsgrove", "Joint management", "2011", "running", "£300k a year"),
    (30, "West Mercia Police|Warwickshire Police", "Alliance", "2013", "ended", "£1.2m a year"),
    (39, "Cumbria CC|Cheshire Fire|Lancashire Fire|Merseyside Fire", "Fire control", "2014", "live", "£200k a year"),
)
AGREE = (
    (1, "South Oxfordshire DC|Vale of White Horse DC", "All services", "2008", "running", "£500k a year"),
    (17, "East Lindsey|Boston|South Holland", "Shared workforce", "2021", "running", "£4m a year"),
    (4, "Sutton|Kingston", "Legal", "2011", "running", "£2m a year"),
    (32, "Suffolk Constabulary|Norfolk Constabulary", "Firearms licensing", "2019", "running", "£100k a year"),
)


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> tuple[Listed, ...]:
    file = tmp_path_factory.mktemp("fresh") / "fresh.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(("Organisations involved", "What is shared", "Began", "Current position", "Savings reported"))
        writer.writerows(row[:5] for row in ROWS)
        writer.writerows(row[1:] for row in (*CONFLICTS, *AGREE))
    return list_of(file, Known(())).rows


def test_there_are_enough() -> None:
    assert len(ROWS) >= 60
    assert set(Counter(row[6] for row in ROWS)) == {M, I, U, N}


@pytest.mark.parametrize("at", range(len(ROWS)), ids=[row[0][:30] or "nobody" for row in ROWS])
def test_each_row(read: tuple[Listed, ...], at: int) -> None:
    *_, many, style, stands, claim, yearly = ROWS[at]
    found = read[at]
    said = (len(found.partners), found.style, found.status, found.claim_gbp)
    assert said == (many, style, stands, claim), (found.partners, found.style_reason, found.status_reason, found.warnings)  # fmt: skip
    assert found.claim_gbp_per_year == (None if yearly is None else pytest.approx(yearly))


def test_planted_conflicts_are_found_and_no_other(read: tuple[Listed, ...]) -> None:
    planted = {at for at, *_ in CONFLICTS} | set(range(len(ROWS), len(ROWS) + len(CONFLICTS)))
    told = {at for at, one in enumerate(read) if any(warning.startswith("conflict") for warning in one.warnings)}
    assert told == planted, [read[at].warnings for at in sorted(told ^ planted)]
