"""Use cases: the one place where steps are joined; each reads as a page."""
