"""Facts and their fold, the ledger; the leaderboard."""
