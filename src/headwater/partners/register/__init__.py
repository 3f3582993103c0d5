"""Known collaborations: read from a list, partners resolved, style by rule with its reason, claims kept as they were made."""

from headwater.partners.register.classify import classified, sort_of
from headwater.partners.register.listing import Known, read_list, warned
from headwater.partners.register.resolve import plain, resolver

__all__ = ["Known", "classified", "plain", "read_list", "resolver", "sort_of", "warned"]
