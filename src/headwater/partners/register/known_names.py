"""Names of English, Welsh, Scottish and Northern Irish bodies that hold an "and" or a comma, and initials that lists
use for them.

Office for National Statistics, register of local authorities, 2023; Home Office, lists of police forces and fire and
rescue authorities.
"""

from headwater.partners.register.resolve import plain

INITIALS = {
    "rbkc": "Kensington and Chelsea",
    "k&c": "Kensington and Chelsea",
    "lbhf": "Hammersmith and Fulham",
    "h&f": "Hammersmith and Fulham",
    "lbbd": "Barking and Dagenham",
    "rbk": "Kingston upon Thames",
    "lbrut": "Richmond upon Thames",
    "rbwm": "Windsor and Maidenhead",
    "bcp": "Bournemouth, Christchurch and Poole",
    "banes": "Bath and North East Somerset",
    "b&nes": "Bath and North East Somerset",
    "cwac": "Cheshire West and Chester",
    "cw&c": "Cheshire West and Chester",
    "kcc": "Kent County Council",
    "escc": "East Sussex County Council",
    "wscc": "West Sussex County Council",
    "bhcc": "Brighton and Hove",
    "kl&wn": "Kings Lynn and West Norfolk",
    "bcklwn": "Kings Lynn and West Norfolk",
    "kl&wnbc": "Kings Lynn and West Norfolk",
    "bdbc": "Basingstoke and Deane",
    "wcc": "Westminster City Council",
    "lbh": "London Borough of Hounslow",
    "gmp": "Greater Manchester Police",
    "mps": "Metropolitan Police",
    "wmp": "West Midlands Police",
    "tvp": "Thames Valley Police",
    "gmfrs": "Greater Manchester Fire and Rescue Service",
    "lfb": "London Fire Brigade",
    "wmfs": "West Midlands Fire Service",
    "las": "London Ambulance Service",
    "nwas": "North West Ambulance Service",
    "yas": "Yorkshire Ambulance Service",
    "emas": "East Midlands Ambulance Service",
    "wmas": "West Midlands Ambulance Service",
    "swast": "South Western Ambulance Service",
    "swasft": "South Western Ambulance Service",
    "secamb": "South East Coast Ambulance Service",
    "scas": "South Central Ambulance Service",
    "eeast": "East of England Ambulance Service",
    "neas": "North East Ambulance Service",
}
"""Initials that lists use without saying whose they are, where they are one body's alone."""
WHOLE = frozenset(
    plain(name)
    for name in (
        "Barking and Dagenham",
        "Basingstoke and Deane",
        "Bath and North East Somerset",
        "Bournemouth, Christchurch and Poole",
        "Brighton and Hove",
        "Cheshire West and Chester",
        "Epsom and Ewell",
        "Folkestone and Hythe",
        "Hammersmith and Fulham",
        "Hinckley and Bosworth",
        "Kensington and Chelsea",
        "Kings Lynn and West Norfolk",
        "Newark and Sherwood",
        "Nuneaton and Bedworth",
        "Oadby and Wigston",
        "Redcar and Cleveland",
        "Reigate and Banstead",
        "Somerset West and Taunton",
        "Telford and Wrekin",
        "Tonbridge and Malling",
        "Westmorland and Furness",
        "Weymouth and Portland",
        "Windsor and Maidenhead",
        "Dumfries and Galloway",
        "Argyll and Bute",
        "Perth and Kinross",
        "Antrim and Newtownabbey",
        "Ards and North Down",
        "Armagh City, Banbridge and Craigavon",
        "Causeway Coast and Glens",
        "Derry City and Strabane",
        "Fermanagh and Omagh",
        "Lisburn and Castlereagh",
        "Mid and East Antrim",
        "Newry, Mourne and Down",
        "Rhondda Cynon Taf",
        "Royal Berkshire",
        "Isles of Scilly",
    )
)
AREAS = frozenset(
    plain(name)
    for name in (
        "Cambridgeshire and Peterborough",
        "Devon and Somerset",
        "Dorset and Wiltshire",
        "Hereford and Worcester",
        "Avon and Somerset",
        "Devon and Cornwall",
        "Shropshire and Wrekin",
        "Hampshire and Isle of Wight",
        "Hull and Humber",
        "Cheshire and Merseyside",
        "Coventry and Warwickshire",
        "Mid and West Wales",
        "Tyne and Wear",
        "York and North Yorkshire",
        "Yorkshire and the Humber",
        "Yorkshire and Humber",
        "Bedfordshire and Luton",
        "Durham and Darlington",
        "Stoke on Trent and Staffordshire",
        "Tees, Esk and Wear Valleys",
    )
)
"""Names of one force, brigade or health system. Without a word for it they are two places: "Devon and Somerset" are two
counties."""
CODES = frozenset(
    ("dc", "bc", "cc", "mbc", "mdc", "mc", "cbc", "lb", "lbc", "rb", "ua", "nhs", "ft", "ccg", "icb", "uk", "frs", "gp")
)
