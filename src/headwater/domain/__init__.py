"""The words: frozen values, errors and declared tables. Standard library only."""
