"""Protocols and their lock, risks, controls, phases and gates, decisions."""
