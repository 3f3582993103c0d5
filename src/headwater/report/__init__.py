"""Figures, tables, one content model, several formats."""
