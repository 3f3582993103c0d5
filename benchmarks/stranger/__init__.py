"""Worlds written without sight of the product's methods, given to it as files and judged by its public answers."""
