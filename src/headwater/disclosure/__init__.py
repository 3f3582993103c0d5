"""What may leave: suppression, rounding, audit across releases; each rule on one page."""
