"""Known collaborations: read from a list, partners resolved, style by rule with its reason, claims kept as they were
made."""

from headwater.partners.register.classify import classified
from headwater.partners.register.joined import Imported, joined
from headwater.partners.register.listing import Known, ReadList, list_of, read_list, warned
from headwater.partners.register.resolve import plain, resolver
from headwater.partners.register.sorts import sort_of

__all__ = [
    "Imported",
    "Known",
    "ReadList",
    "classified",
    "joined",
    "list_of",
    "plain",
    "read_list",
    "resolver",
    "sort_of",
    "warned",
]
