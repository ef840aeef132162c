"""XGBoost's gradient-boosted trees."""

from __future__ import annotations

from training import arguments, threads, train
from xgboost import XGBClassifier

if __name__ == "__main__":
    args = arguments(n_estimators=150, max_depth=6, learning_rate=0.1)
    train(
        XGBClassifier(
            n_estimators=args.n_estimators,
            max_depth=args.max_depth,
            learning_rate=args.learning_rate,
            random_state=args.seed,
            tree_method="hist",
            n_jobs=threads(),
        )
    )
