"""Reviews on GitHub, by its REST API: comments, checks, pull requests, and who approved a run."""
