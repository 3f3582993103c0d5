"""The pages: parse, call app, render."""

from headwater.web.server import Pages, serve

__all__ = ["Pages", "serve"]
