"""A random forest."""

from __future__ import annotations

from sklearn.ensemble import RandomForestClassifier
from training import arguments, threads, train

if __name__ == "__main__":
    args = arguments(n_estimators=200, min_samples_leaf=1)
    train(
        RandomForestClassifier(
            n_estimators=args.n_estimators,
            min_samples_leaf=args.min_samples_leaf,
            random_state=args.seed,
            n_jobs=threads(),
        )
    )
