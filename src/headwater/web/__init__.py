"""The pages: parse, call app, render."""
