"""What tests need: the pytest plugin for users' endpoint tests, and small parts for our own."""
