"""How near to the start a change may be the effect itself."""

AROUND_START = 3
"""A break within this many periods of the start may be the effect itself and is not held against the treated."""
