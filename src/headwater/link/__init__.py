"""Who is who across agencies."""

from headwater.link.linking import link
from headwater.link.quality import LinkReport, Rate, report
from headwater.link.review import write_review
from headwater.link.settings import LinkSettings, link_settings

__all__ = ["LinkReport", "LinkSettings", "Rate", "link", "link_settings", "report", "write_review"]
