"""Evaluations of collaborations that enrol people: matched comparisons on history, at the same moment of each one's course."""

from headwater.evidence.people.evaluation import evaluate_people

__all__ = ["evaluate_people"]
