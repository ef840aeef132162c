"""Ridge regression of the logarithm of the price; every column has mean 0 and deviation 1."""

from __future__ import annotations

from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from training import arguments, train

if __name__ == "__main__":
    args = arguments(alpha=1.0)
    train(make_pipeline(SimpleImputer(strategy="median"), StandardScaler(), Ridge(alpha=args.alpha)), log=True)
