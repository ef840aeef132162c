"""The composition root: the only place that knows which adapters exist."""
