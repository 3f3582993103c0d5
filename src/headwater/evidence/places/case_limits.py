"""Limits that several steps of a place evaluation share."""

AROUND_START = 3
"""A change within this many periods of the start may be the effect itself and is not held against the treated."""
FEWEST_TREATED = 10
"""With fewer treated units a bootstrap over units says too little about them; placebos do the inference then."""
