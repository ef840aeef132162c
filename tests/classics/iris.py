"""The classic scikit-learn example of SageMaker's documentation: a decision tree for iris, in script mode."""

from __future__ import print_function

import argparse
import os

import joblib
import pandas as pd
from sklearn import tree

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    # Hyperparameters arrive as arguments.
    parser.add_argument("--max_leaf_nodes", type=int, default=-1)
    # SageMaker's folders are in the environment.
    parser.add_argument("--output-data-dir", type=str, default=os.environ["SM_OUTPUT_DATA_DIR"])
    parser.add_argument("--model-dir", type=str, default=os.environ["SM_MODEL_DIR"])
    parser.add_argument("--train", type=str, default=os.environ["SM_CHANNEL_TRAIN"])
    args = parser.parse_args()

    input_files = [os.path.join(args.train, file) for file in os.listdir(args.train)]
    if len(input_files) == 0:
        raise ValueError("There are no files in {}.".format(args.train))
    train_data = pd.concat([pd.read_csv(file, header=None, engine="python") for file in input_files])

    # The label is in the first column.
    train_y = train_data.iloc[:, 0]
    train_X = train_data.iloc[:, 1:]
    clf = tree.DecisionTreeClassifier(max_leaf_nodes=args.max_leaf_nodes, random_state=0)
    clf = clf.fit(train_X.values, train_y)

    joblib.dump(clf, os.path.join(args.model_dir, "model.joblib"))


def model_fn(model_dir):
    """Load the model; everything else is left to the container's defaults."""
    clf = joblib.load(os.path.join(model_dir, "model.joblib"))
    return clf
