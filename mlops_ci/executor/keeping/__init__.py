"""Looking after the store: checking it, merging another into it, taking out what nothing needs."""
