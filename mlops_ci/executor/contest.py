"""Holding a contest: the records' evaluations, and the predictions of both where a p-value is asked for."""
