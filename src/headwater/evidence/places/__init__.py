"""Question 2 for places and organisations: action weeks, whole-area programmes, real series that break.

`evaluation.evaluate_places` after the event, `plan.plan_places` before it.
"""
