"""Strangers' files in, declared tables and a quarantine out."""

from headwater.sources.load import FileLoad, load
from headwater.sources.settings import read_settings

__all__ = ["FileLoad", "load", "read_settings"]
