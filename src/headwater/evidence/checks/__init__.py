"""Falsification tests, one file each."""
