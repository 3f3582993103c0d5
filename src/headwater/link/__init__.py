"""Who is who across agencies."""

from headwater.link.linking import LinkReport, link, report

__all__ = ["LinkReport", "link", "report"]
