"""Could one set suffice? Similarly named organisations that deliver near-identical services."""

from headwater.partners.mirror.likeness import Likeness, likeness, nearest
from headwater.partners.mirror.options import options

__all__ = ["Likeness", "likeness", "nearest", "options"]
