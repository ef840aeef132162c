"""Performs steps: waits, adopts what runs already, records what happened as it happens."""
