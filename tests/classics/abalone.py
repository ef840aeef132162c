"""The classic XGBoost example of SageMaker's documentation: the rings of abalone, in script mode."""

import argparse
import json
import logging
import os
import pickle as pkl

import numpy as np
import xgboost as xgb


def load(folder):
    """Read CSV without header whose first column is the label."""
    rows = np.concatenate([np.loadtxt(os.path.join(folder, name), delimiter=",", ndmin=2) for name in os.listdir(folder)])
    return xgb.DMatrix(rows[:, 1:], label=rows[:, 0])


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--max_depth", type=int)
    parser.add_argument("--eta", type=float)
    parser.add_argument("--gamma", type=int)
    parser.add_argument("--min_child_weight", type=int)
    parser.add_argument("--subsample", type=float)
    parser.add_argument("--verbosity", type=int)
    parser.add_argument("--objective", type=str)
    parser.add_argument("--num_round", type=int)
    parser.add_argument("--tree_method", type=str, default="auto")
    parser.add_argument("--sm_hosts", type=str, default=os.environ.get("SM_HOSTS"))
    parser.add_argument("--sm_current_host", type=str, default=os.environ.get("SM_CURRENT_HOST"))
    parser.add_argument("--model_dir", type=str, default=os.environ.get("SM_MODEL_DIR"))
    parser.add_argument("--train", type=str, default=os.environ.get("SM_CHANNEL_TRAIN"))
    parser.add_argument("--validation", type=str, default=os.environ.get("SM_CHANNEL_VALIDATION"))
    args, _ = parser.parse_known_args()

    sm_hosts = json.loads(args.sm_hosts)
    assert args.sm_current_host in sm_hosts and len(sm_hosts) == 1
    dtrain = load(args.train)
    dval = load(args.validation) if args.validation else None
    watchlist = [(dtrain, "train"), (dval, "validation")] if dval is not None else [(dtrain, "train")]
    train_hp = {
        "max_depth": args.max_depth,
        "eta": args.eta,
        "gamma": args.gamma,
        "min_child_weight": args.min_child_weight,
        "subsample": args.subsample,
        "verbosity": args.verbosity,
        "objective": args.objective,
        "tree_method": args.tree_method,
    }
    booster = xgb.train(params=train_hp, dtrain=dtrain, evals=watchlist, num_boost_round=args.num_round)

    model_location = args.model_dir + "/xgboost-model"
    pkl.dump(booster, open(model_location, "wb"))
    logging.info("Stored trained model at {}".format(model_location))


def model_fn(model_dir):
    """Load the model."""
    with open(os.path.join(model_dir, "xgboost-model"), "rb") as f:
        return pkl.load(f)


def input_fn(request_body, request_content_type):
    """Parse rows of CSV."""
    if request_content_type == "text/csv":
        body = request_body.decode() if isinstance(request_body, bytes) else request_body
        rows = [[float(cell) for cell in line.split(",")] for line in body.strip().split("\n")]
        return xgb.DMatrix(np.array(rows))
    raise ValueError("Content type {} is not supported.".format(request_content_type))


def predict_fn(input_data, model):
    """Predict the rings."""
    return model.predict(input_data)
