"""Evaluations of collaborations that enrol people: matched comparisons on history, at the same moment of each one's
course."""
