"""Unlike organisations that are better together: excess shared people, places and cost."""

from headwater.partners.integration.options import Shared, options, shared_people

__all__ = ["Shared", "options", "shared_people"]
