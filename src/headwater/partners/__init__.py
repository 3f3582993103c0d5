"""Question 1, who should we collaborate with: mirror, integration, upstream, and the comparison of the three."""
