"""Measurements: scripts that print a table of ratios, never tests."""
