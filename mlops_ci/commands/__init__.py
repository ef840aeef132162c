"""What the verbs do, without a command line around them."""
