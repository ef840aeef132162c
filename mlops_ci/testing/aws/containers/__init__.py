"""Processes that stand in for containers: the true /opt/ml, no image."""
