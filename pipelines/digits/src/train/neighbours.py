"""The nearest neighbours. They learn nothing, and their probabilities are shares of a few votes: see their log loss."""

from __future__ import annotations

from sklearn.neighbors import KNeighborsClassifier
from training import arguments, train

if __name__ == "__main__":
    args = arguments(n_neighbors=5)
    train(KNeighborsClassifier(n_neighbors=args.n_neighbors, weights="distance"))
