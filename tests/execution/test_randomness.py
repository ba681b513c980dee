"""`execution.randomness`: generators that start alike."""

import random

import numpy as np
import pytest
from numpy.random import bit_generator

from sphinx_tape.execution.randomness import start_random_generators


@pytest.fixture(autouse=True)
def put_back(monkeypatch):
    """Leave NumPy's source of seeds to the other tests as it was."""
    monkeypatch.setattr(bit_generator, "randbits", bit_generator.randbits)


def draw():
    """One number of every kind of generator."""
    makers = (np.random.default_rng, np.random.default_rng, np.random.RandomState)
    return [random.random(), np.random.random(), *(make().normal() for make in makers)]  # noqa: NPY002, S311 -- what is tested


def test_generators_without_a_seed_start_alike():
    """The same numbers after each start; two generators made in a row still differ."""
    start_random_generators()
    first = draw()
    assert len(set(first)) == len(first)
    assert draw() != first
    start_random_generators()
    assert draw() == first


def test_a_given_seed_is_the_authors():
    """Seeds that are given are not touched."""
    expected = np.random.default_rng(7).normal()
    start_random_generators()
    assert np.random.default_rng(7).normal() == expected


def test_a_numpy_that_seeds_otherwise_is_left_alone(monkeypatch):
    """What is patched is no promise of NumPy's: without it only the global generators are seeded."""
    monkeypatch.delattr(bit_generator, "randbits")
    start_random_generators()
    assert not hasattr(bit_generator, "randbits")
