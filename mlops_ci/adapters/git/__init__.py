"""git: snapshots to read, and commits that land or do nothing."""
