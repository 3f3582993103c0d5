"""Known collaborations: read from a list, partners resolved, style by rule with its reason, claims kept as they were made."""

from headwater.partners.register.classify import classified, sort_of
from headwater.partners.register.listing import read_list, warned

__all__ = ["classified", "read_list", "sort_of", "warned"]
