"""A random forest."""

from __future__ import annotations

from sklearn.ensemble import RandomForestRegressor
from training import arguments, threads, train

if __name__ == "__main__":
    args = arguments(n_estimators=40, min_samples_leaf=3)
    train(
        RandomForestRegressor(
            n_estimators=args.n_estimators,
            min_samples_leaf=args.min_samples_leaf,
            random_state=args.seed,
            n_jobs=threads(),
        )
    )
