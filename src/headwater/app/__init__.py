"""Use cases: the one place where steps are joined; each reads as a page."""

from headwater.app.api import OpenPlace, open
from headwater.app.place import Place

__all__ = ["OpenPlace", "Place", "open"]
