"""The pytest plugin for users' own endpoint tests."""
