"""Segments: demand that others could meet earlier, found in an organisation's own contacts by reasons and history."""
