"""Prices and their vintages, valuation, bearers, gain share."""
