"""Synthetic places with a known truth."""
