"""The chapter on training, and the data it uses."""

import csv
import re
from itertools import pairwise

import numpy as np
import pytest
from course_tapes import training

FISHER = {
    "setosa": (5.006, 3.428, 1.462, 0.246),
    "versicolor": (5.936, 2.770, 4.260, 1.326),
}
"""Fisher (1936), Table 2: means of sepal length and width, petal length and width."""


@pytest.mark.parametrize(("species", "means"), FISHER.items())
def test_data_are_fisher_s(course, species, means):
    """Fisher (1936), Table 2, to the last digit printed there."""
    with (course / "data" / "iris.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.reader(file) if row[4] == species]
    assert len(rows) == 50
    measured = np.array([[float(cell) for cell in row[:4]] for row in rows])
    assert measured.mean(axis=0) == pytest.approx(means, abs=1e-12)


def test_measurements_are_standardised():
    """Every column has mean 0 and standard deviation 1."""
    X, species = training.load_iris()
    assert X.mean(axis=0) == pytest.approx(np.zeros(4), abs=1e-12)
    assert X.std(axis=0) == pytest.approx(np.ones(4))
    assert np.bincount(species).tolist() == [50, 50, 50]


def plain_loss(weights, X, species):
    """Compute the network's loss once more, without a tape."""
    scores = np.tanh(X @ weights["W_1"] + weights["b_1"]) @ weights["W_2"] + weights["b_2"]
    logarithm = np.log(np.exp(scores).sum(axis=1))
    return float((logarithm - scores[np.arange(len(species)), species]).mean())


@pytest.mark.parametrize("name", ["W_1", "b_1", "W_2", "b_2"])
def test_gradients_of_the_network(work, name):
    """Central differences of the loss in plain NumPy."""
    X, species = training.load_iris()
    weights = training.start(5)
    found = work(training.record(weights, X, species)).gradients[name]
    for index in np.ndindex(*weights[name].shape):
        moved = {key: value.copy() for key, value in weights.items()}
        moved[name][index] += 1e-6
        above = plain_loss(moved, X, species)
        moved[name][index] -= 2e-6
        assert found[index] == pytest.approx((above - plain_loss(moved, X, species)) / 2e-6, abs=1e-8)


def test_descent_goes_down():
    """Every step of the first fifty lowers the loss."""
    _, losses = training.descend(50)
    assert all(after < before for before, after in pairwise(losses))


def test_table_of_the_page(course):
    """Steps, loss and flowers named right, as the page's table prints them."""
    text = (course / "training.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| +(\d+) \| ([\d.]+) \| (\d+) \|$", text, re.MULTILINE)
    assert len(rows) >= 4
    for steps, loss, right in rows:
        assert f"{float(training.network(int(steps)).value):.3f}" == loss
        assert round(150 * training.accuracy(int(steps))) == int(right)


def test_prose_of_the_page(course):
    """The sentence below the second figure repeats the first and the last line of the table."""
    text = (course / "training.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| +(\d+) \| ([\d.]+) \| (\d+) \|$", text, re.MULTILINE)
    said = re.search(r"from ([\d.]+) to\s+([\d.]+), and\s+(\d+) of the 150", text)
    assert said is not None
    assert said.groups() == (rows[0][1], rows[-1][1], rows[-1][2])


def test_zero_weights_never_recover(work):
    """The exercise: with zero weights only b_2 gets a gradient that is not zero."""
    X, species = training.load_iris()
    zeros = {name: 0 * value for name, value in training.start(5).items()}
    found = work(training.record(zeros, X[:100], species[:100])).gradients
    assert not any(found[name].any() for name in ("W_1", "b_1", "W_2"))
    assert found["b_2"].any()
