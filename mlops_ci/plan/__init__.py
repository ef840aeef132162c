"""What is desired, what is recorded and what serves, compared: changes, and the steps that make them. Pure."""
