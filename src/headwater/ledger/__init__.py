"""Lots, claims, statements: nothing counted twice."""
