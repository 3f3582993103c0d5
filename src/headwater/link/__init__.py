"""Who is who across agencies."""

from headwater.link.linking import link
from headwater.link.names import linked_as, names_spent, spend_names
from headwater.link.quality import LinkReport, Rate, report
from headwater.link.review import write_review
from headwater.link.settings import DROPPED, LinkSettings, link_settings

__all__ = [
    "DROPPED",
    "LinkReport",
    "LinkSettings",
    "Rate",
    "link",
    "link_settings",
    "linked_as",
    "names_spent",
    "report",
    "spend_names",
    "write_review",
]
