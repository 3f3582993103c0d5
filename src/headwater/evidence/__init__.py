"""Question 2, what did it change: cohort, comparison, estimate, checks, grade."""

from headwater.evidence.evaluate import evaluate

__all__ = ["evaluate"]
