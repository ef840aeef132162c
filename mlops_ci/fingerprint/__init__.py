"""Canonical bytes, digests, and the recipes whose digests name results."""
