"""What may leave: suppression, rounding, audit across releases; each rule on one page."""

from headwater.disclosure.register import audit, sums_of
from headwater.disclosure.release import digest, release, verify
from headwater.disclosure.rules import RULES, Rule, rule_named

__all__ = ["RULES", "Rule", "audit", "digest", "release", "rule_named", "sums_of", "verify"]
