"""Strangers' files in, declared tables and a quarantine out; one module a record layout."""
