"""Published effects: what studies elsewhere found, by approach and segment. A reason to ask, never a claim."""
