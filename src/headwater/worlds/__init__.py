"""Synthetic places with a known truth."""

from headwater.worlds.county import Truth, write_county

__all__ = ["Truth", "write_county"]
