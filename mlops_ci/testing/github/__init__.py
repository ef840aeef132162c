"""A loopback GitHub: its REST API over bare git repositories, comments, checks and pull requests, in memory."""
