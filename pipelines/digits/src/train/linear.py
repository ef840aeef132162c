"""Logistic regression."""

from __future__ import annotations

from sklearn.linear_model import LogisticRegression
from training import arguments, train

if __name__ == "__main__":
    args = arguments(C=1.0, max_iter=2000)
    train(LogisticRegression(C=args.C, max_iter=args.max_iter, random_state=args.seed))
