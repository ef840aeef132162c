"""Logistic regression: every category is a column of its own, every number has mean 0 and deviation 1."""

from __future__ import annotations

from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from training import arguments, train

if __name__ == "__main__":
    args = arguments(C=1.0, max_iter=2000)
    train(
        make_pipeline(
            SimpleImputer(strategy="median"),
            StandardScaler(),
            LogisticRegression(C=args.C, max_iter=args.max_iter, random_state=args.seed),
        ),
        one_hot=True,
    )
