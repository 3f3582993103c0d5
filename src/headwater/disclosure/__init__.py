"""What may leave: suppression, rounding, audit across releases; each rule on one page."""

from headwater.disclosure.register import hidden_before, let_out
from headwater.disclosure.release import digest, release, verify
from headwater.disclosure.rules import RULES, Rule, rule_named

__all__ = ["RULES", "Rule", "digest", "hidden_before", "let_out", "release", "rule_named", "verify"]
