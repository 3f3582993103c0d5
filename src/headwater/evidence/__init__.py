"""Question 2, what did it change: cohort, comparison, estimate, checks, grade."""
