"""Histogram gradient boosting, of the price or of its logarithm. OMP_NUM_THREADS says how many threads it takes."""

from __future__ import annotations

from sklearn.ensemble import HistGradientBoostingRegressor
from training import arguments, train

if __name__ == "__main__":
    args = arguments(max_iter=300, learning_rate=0.1, log="false")
    train(
        HistGradientBoostingRegressor(max_iter=args.max_iter, learning_rate=args.learning_rate, random_state=args.seed),
        log=args.log.lower() == "true",
    )
