"""Could one set suffice? Similarly named organisations that deliver near-identical services."""

from headwater.partners.mirror.bodies import organisation
from headwater.partners.mirror.likeness import Likeness, likeness, nearest
from headwater.partners.mirror.options import options
from headwater.partners.mirror.shown import Alike, Grouping, Mirrors, mirrors

__all__ = ["Alike", "Grouping", "Likeness", "Mirrors", "likeness", "mirrors", "nearest", "options", "organisation"]
