"""The few narrow protocols, and the values that cross them."""
