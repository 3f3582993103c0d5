"""Several sites' locked evaluations told together, from their evidence files alone."""

from headwater.evidence.pooling.areas import alone, pooled_pairs
from headwater.evidence.pooling.booked import given, left_out, unbound
from headwater.evidence.pooling.pooled import pooled
from headwater.evidence.pooling.sameness import differences

__all__ = ["alone", "differences", "given", "left_out", "pooled", "pooled_pairs", "unbound"]
