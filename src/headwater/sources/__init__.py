"""Strangers' files in, declared tables and a quarantine out."""

from headwater.sources.across import Found, across, kinds_named
from headwater.sources.check import FileCheck, check, check_source, state_of
from headwater.sources.files import shown
from headwater.sources.load import FileLoad, load, loaded
from headwater.sources.proposal import Proposal
from headwater.sources.propose import layout_of, names_in, proposed
from headwater.sources.settings import read_settings
from headwater.sources.start import EXAMPLES, Finding, diagnose, new_workspace
from headwater.sources.suggest import Guess, as_csv, distinct, guess, loadable

__all__ = [
    "EXAMPLES",
    "FileCheck",
    "FileLoad",
    "Finding",
    "Found",
    "Guess",
    "Proposal",
    "across",
    "as_csv",
    "check",
    "check_source",
    "diagnose",
    "distinct",
    "guess",
    "kinds_named",
    "layout_of",
    "load",
    "loadable",
    "loaded",
    "names_in",
    "new_workspace",
    "proposed",
    "read_settings",
    "shown",
    "state_of",
]
