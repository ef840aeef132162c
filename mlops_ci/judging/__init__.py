"""Judging: metrics from predictions, criteria and verdicts, and the contest of candidates."""
