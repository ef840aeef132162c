"""Estates: git projects of any number of models in which nothing is left to do, made without a single training."""
