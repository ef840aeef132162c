"""A neural network with one hidden layer."""

from __future__ import annotations

from sklearn.neural_network import MLPClassifier
from training import arguments, train

if __name__ == "__main__":
    args = arguments(hidden=64, alpha=0.01, max_iter=400)
    train(
        MLPClassifier(
            hidden_layer_sizes=(args.hidden,), alpha=args.alpha, max_iter=args.max_iter, random_state=args.seed
        )
    )
