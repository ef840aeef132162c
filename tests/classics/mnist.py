"""The classic MNIST example of SageMaker's documentation in its framework-free bones: `train()`, model_fn, transform_fn."""

import argparse
import json
import logging
import os
import sys

import numpy as np
from sklearn.neural_network import MLPClassifier

logger = logging.getLogger(__name__)
logger.setLevel(logging.DEBUG)
logger.addHandler(logging.StreamHandler(sys.stdout))


def _load(folder):
    data = np.load(os.path.join(folder, "digits.npz"))
    return data["images"].reshape(len(data["images"]), -1) / 16.0, data["labels"]


def train(args):
    use_cuda = args.num_gpus > 0
    logger.debug("Number of gpus available - {}".format(args.num_gpus))
    is_distributed = len(args.hosts) > 1
    assert not use_cuda and not is_distributed
    images, labels = _load(args.data_dir)
    model = MLPClassifier(hidden_layer_sizes=(args.hidden,), max_iter=args.epochs, random_state=args.seed)
    model.fit(images, labels)
    logger.info("Test set: Average loss: {:.4f}, Accuracy: {:.4f}".format(model.loss_, model.score(images, labels)))
    save_model(model, args.model_dir)


def save_model(model, model_dir):
    logger.info("Saving the model.")
    weights = {"w{}".format(i): w for i, w in enumerate(model.coefs_)}
    weights.update({"b{}".format(i): b for i, b in enumerate(model.intercepts_)})
    np.savez(os.path.join(model_dir, "model.npz"), **weights)


def model_fn(model_dir):
    with np.load(os.path.join(model_dir, "model.npz")) as weights:
        return {name: weights[name] for name in weights.files}


def transform_fn(model, data, content_type, accept):
    if content_type != "text/csv":
        raise ValueError("Requested unsupported ContentType in content_type: " + content_type)
    text = data.decode() if isinstance(data, bytes) else data
    rows = np.array([[float(cell) for cell in line.split(",")] for line in text.strip().split("\n")])
    hidden = np.maximum(rows @ model["w0"] + model["b0"], 0)
    found = (hidden @ model["w1"] + model["b1"]).argmax(axis=1)
    return json.dumps(found.tolist())


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=10, metavar="N")
    parser.add_argument("--hidden", type=int, default=32)
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    parser.add_argument("--backend", type=str, default=None)
    # Container environment
    parser.add_argument("--hosts", type=list, default=json.loads(os.environ["SM_HOSTS"]))
    parser.add_argument("--current-host", type=str, default=os.environ["SM_CURRENT_HOST"])
    parser.add_argument("--model-dir", type=str, default=os.environ["SM_MODEL_DIR"])
    parser.add_argument("--data-dir", type=str, default=os.environ["SM_CHANNEL_TRAINING"])
    parser.add_argument("--num-gpus", type=int, default=os.environ["SM_NUM_GPUS"])
    train(parser.parse_args())
