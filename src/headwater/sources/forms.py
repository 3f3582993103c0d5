"""The forms in which strangers write days, moments, months, quarters and years, as patterns of lower-case text."""

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MON = r"(?P<mon>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)" r"(?:uary|ruary|ch|il|e|y|ust|t|tember|ober|ember)?"
_CLOCK = (
    r"(?:(?:t|,? (?:at )?|:)(?P<h>\d{1,2})[:.]?(?P<i>\d{2})(?:[:.](?P<s>\d{2})(?:[.,]\d+)?)?(?: ?(?P<ap>[ap])\.?m\.?)?"
    r"(?: ?(?P<off>z|utc|gmt|bst|[+-]\d{2}:?\d{2}|[+-]\d{2}))?)?$"
)
_QUARTER = r"q(?:uarter|tr|t)?\.? ?(?P<q>[1-4])"
_SPLIT = r"(?P<y>(?:19|20)\d{2})[-/](?P<z>\d{2}|\d{4})"
_NTH = r"(?:m|mth|month|p|period)[- ]?(?P<n>0?[1-9]|1[0-2])"
"""The nth month of a financial year, whose first is April."""
FORMS = (
    ("iso", r"^(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})" + _CLOCK),
    ("ordered", r"^(?P<a>\d{1,2})[-/. ](?P<b>\d{1,2})[-/. ](?P<c>\d{4}|\d{2})" + _CLOCK),
    (
        "compact",
        r"^(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?:[t ]?(?P<h>\d{2}):?(?P<i>\d{2})(?::?(?P<s>\d{2}))?(?P<off>z)?)?$",
    ),
    (
        "named",
        r"^(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? )?(?P<d>\d{1,2})(?:st|nd|rd|th)?[-/. ]*"
        + _MON
        + r"[-/.,' ]*(?P<y>\d{4}|\d{2})"
        + _CLOCK,
    ),
    ("named", r"^" + _MON + r"\.? (?P<d>\d{1,2})(?:st|nd|rd|th)?,? (?P<y>\d{4})" + _CLOCK),
    ("month", r"^(?P<y>\d{4})[-/.](?P<m>\d{1,2})$"),
    ("month", r"^(?P<m>\d{1,2})[-/.](?P<y>\d{4})$"),
    ("month", r"^(?P<y>\d{4})(?P<m>0[1-9]|1[0-2])$"),
    (
        "span",
        r"^"
        + _MON
        + r" ?(?:[-/–]|to) ?(?P<to>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[-/.,' ]*(?P<y>\d{4}|\d{2})$",
    ),
    (
        "span",
        r"^" + _MON + r"[-/.,' ]*(?P<y>\d{4}|\d{2}) ?(?:-|–|to)"
        r" ?(?P<to>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[-/.,' ]*(?P<y2>\d{4}|\d{2})$",
    ),
    (
        "12 months",
        r"^(?:the )?(?:year|yr|(?:12|twelve) months)[- ](?:ending|ended|to)(?: in)? (?:\d{1,2}(?:st|nd|rd|th)? )?"
        + _MON
        + r"[-/.,' ]*(?P<y>\d{4}|\d{2})$",
    ),
    (
        "3 months",
        r"^(?:the )?(?:quarter|qtr|(?:3|three) months)[- ](?:ending|ended|to)(?: in)? (?:\d{1,2}(?:st|nd|rd|th)? )?"
        + _MON
        + r"[-/.,' ]*(?P<y>\d{4}|\d{2})$",
    ),
    ("week", r"^(?P<y>\d{4})[- ]?w(?:k|eek)? ?(?P<w>\d{1,2})$"),
    ("month", r"^(?P<y>\d{4})[- ]?m(?P<m>\d{1,2})$"),
    ("month", r"^(?:[a-z]+[- _])?" + _MON + r"[-/.,' _]*(?P<y>\d{4}|\d{2})$"),
    ("month", r"^(?P<y>\d{4})[-/ ]" + _MON + r"$"),
    ("financial month", r"^(?:fy ?)?" + _SPLIT + r"[,:]?[- ]*" + _NTH + "$"),
    ("financial month", r"^" + _NTH + r"[,:]?[- ]+(?:fy ?)?" + _SPLIT + "$"),
    ("financial month", r"^(?:fy ?)?" + _SPLIT + r"[,:]?[- ]+" + _MON + "$"),
    ("quarter", r"^(?P<y>\d{4})[-/](?P<z>\d{2}|\d{4})[,:]? ?(?:- ?)?" + _QUARTER + "$"),
    ("quarter", r"^" + _QUARTER + r",? ?(?:of )?(?:- ?)?(?P<y>\d{4})[-/](?P<z>\d{2}|\d{4})$"),
)
"""Year, month, day, hour, minute, second, half of the day and offset as named groups of lower-case text. Ordered: day
and month stand in an order that the column has to prove."""
QUARTERS = tuple(form for form in FORMS if form[0] == "quarter")
ALONE = (r"^" + _QUARTER + r",?[ -]?(?P<y>\d{4})$", r"^(?P<y>\d{4}),?[ -]?" + _QUARTER + "$")
YEAR = r"^(?:fy ?)?(?P<y>(?:19|20)\d{2})(?:[-/](?P<cent>20|19)?|)(?P<z>\d{2})$"
"""A financial year; 2011/12 and 201112 may also be December 2011, which the column has to settle."""
ENDING = (
    r"^(?:the )?(?:year|yr|(?:12|twelve) months)[- ](?:ending|ended|to)(?: in)? (?:\d{1,2}(?:st|nd|rd|th)? )?" + _MON
)
"""A year told by the month that ends it."""
NUMBER = r"^(?P<n>\d+(?:\.\d+)?)(?: (?P<h>\d{1,2}):(?P<i>\d{2})(?::(?P<s>\d{2}))?)?$"
"""Figures alone, or a day's with a time beside it from a column of its own."""
SERIAL = r"^\d{5}(\.\d+)?$|^\d{5} \d{1,2}:\d{2}(:\d{2})?$|^\d{10}(\.\d+)?$|^\d{13}$"
"""Days or seconds since a first day, which the figures alone do not name."""
QUARTER_ALONE = r"^(?:q(?:uarter|tr|t)?\.? ?[1-4],?[ -]?\d{4}|\d{4},?[ -]?q(?:uarter|tr|t)?\.? ?[1-4])$"
MONTH_ALONE = r"^" + _NTH.replace("?P<n>", "?:") + r"(?:[,:]?[- ]+(?:19|20)\d{2})?$"
"""M01, or M01 2023: of which financial year, the value does not say."""
WEEK_TOLD = (
    r"^(?i:(?:week|wk)[ -]?(?:commencing|beginning|starting|ending|ended)|w/[cbe]|wc)[:."
    r" ]+(?:(?i:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? )?"
)
"""What stands before the day by which a week is told."""
WEEK_ENDS = r"(?i)\b(?:(?:week|wk)[\s_-]*(?:ending|ended|end)|w/e)\b"
"""Words, in a value or a heading, that say that the day is a week's last."""
CLOCK = r"\d{1,2}[:.]\d{2}"
OFFSET = CLOCK + r"[:.\d]* ?(?:[ap]\.?m\.?)? ?(?:z|utc|gmt|bst|[+-]\d{2}:?\d{2}|[+-]\d{2})$"
"""A time of day, and one that says how far from Greenwich its clock stood."""
