"""Choosing hyperparameters with optuna."""
