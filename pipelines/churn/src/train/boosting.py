"""Histogram gradient boosting. OMP_NUM_THREADS says how many threads it takes."""

from __future__ import annotations

from sklearn.ensemble import HistGradientBoostingClassifier
from training import arguments, train

if __name__ == "__main__":
    args = arguments(max_iter=150, learning_rate=0.1)
    train(
        HistGradientBoostingClassifier(max_iter=args.max_iter, learning_rate=args.learning_rate, random_state=args.seed)
    )
