"""Strangers' files in, declared tables and a quarantine out."""

from headwater.sources.check import FileCheck, check
from headwater.sources.load import FileLoad, load, loaded
from headwater.sources.settings import read_settings
from headwater.sources.start import Finding, diagnose, new_workspace

__all__ = ["FileCheck", "FileLoad", "Finding", "check", "diagnose", "load", "loaded", "new_workspace", "read_settings"]
