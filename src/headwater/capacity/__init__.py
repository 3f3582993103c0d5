"""What averted contacts free downstream; what-if: siting, break-even, power."""
