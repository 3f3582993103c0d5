"""The pages: parse, call app, render."""

from headwater.web.server import serve

__all__ = ["serve"]
