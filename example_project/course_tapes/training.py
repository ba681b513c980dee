"""A network of two layers that learns to tell three kinds of iris apart."""

from __future__ import annotations

import csv

import numpy as np
from numpy.typing import NDArray

from sphinx_tape import Tape, Variable, depends_on, gradients
from sphinx_tape import functions as F

SPECIES = ("setosa", "versicolor", "virginica")

Weights = dict[str, NDArray[np.float64]]


def load_iris() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Read 150 flowers: standardised measurements (flowers, 4) and species numbers (flowers,)."""
    with depends_on("../data/iris.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    measured = np.array([[float(cell) for cell in row[:4]] for row in rows])
    species = np.array([SPECIES.index(row[4]) for row in rows])
    return (measured - measured.mean(axis=0)) / measured.std(axis=0), species


def start(hidden: int) -> Weights:
    """Make the first weights; small random numbers, the same at each call."""
    random = np.random.default_rng(7)
    return {
        "W_1": 0.5 * random.standard_normal((4, hidden)),
        "b_1": np.zeros(hidden),
        "W_2": 0.5 * random.standard_normal((hidden, 3)),
        "b_2": np.zeros(3),
    }


def record(weights: Weights, X: NDArray[np.float64], species: NDArray[np.int64]) -> Variable:
    """Record one forward pass over all flowers, from the measurements to the mean loss."""
    tape = Tape()
    flowers = tape.constant(X, name="X")
    w = {name: tape.leaf(value, name=name) for name, value in weights.items()}
    with tape.scope("layer 1"):
        hidden = F.tanh(flowers @ w["W_1"] + w["b_1"]).named("H")
    with tape.scope("layer 2"):
        scores = (hidden @ w["W_2"] + w["b_2"]).named("Z")
    return F.cross_entropy(scores, species).named("loss")


def descend(steps: int, rate: float = 0.5) -> tuple[Weights, list[float]]:
    """Go down; return the weights, and the loss before each step."""
    X, species = load_iris()
    weights, losses = start(hidden=5), []
    for _ in range(steps):
        loss = record(weights, X, species)
        losses.append(float(loss.value))
        found = gradients(loss)
        for node in loss.tape.nodes:
            if node.name in weights:
                weights[node.name] = weights[node.name] - rate * found[node.id]
    return weights, losses


def network(steps: int = 0) -> Variable:
    """Record the forward pass of the network after `steps` steps of training."""
    X, species = load_iris()
    weights, _ = descend(steps)
    return record(weights, X, species)


def accuracy(steps: int) -> float:
    """Share of the flowers whose highest score names their species, after training."""
    _, species = load_iris()
    scores = next(node for node in network(steps).tape.nodes if node.name == "Z").value
    return float(np.mean(scores.argmax(axis=1) == species))
