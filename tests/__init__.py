"""A package, so that no `tests` that something installed takes its name (smdebug-rulesconfig has one)."""
