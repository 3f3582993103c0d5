"""Unlike organisations that are better together: excess shared people, places and cost; the action week."""

from headwater.partners.integration.options import Shared, options, shared_people
from headwater.partners.integration.week import SETTLED, Week, budgets, streets, week, with_chances

__all__ = ["SETTLED", "Shared", "Week", "budgets", "options", "shared_people", "streets", "week", "with_chances"]
