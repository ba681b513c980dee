"""Claims about `sphinx_tape.tape.backward`."""

import numpy as np

from sphinx_tape import Tape, backward, gradients


def neuron():
    tape = Tape()
    w, x, b = tape.leaf(2.0, name="w"), tape.leaf(3.0, name="x"), tape.leaf(1.0, name="b")
    return (w * x + b).named("a") * 5.0


def test_gradients_of_a_neuron_are_those_worked_by_hand():
    """d(5(wx + b)) = 5x dw + 5w dx + 5 db."""
    assert backward(neuron()).cotangents[:3] == (15.0, 10.0, 5.0)


def test_fast_path_gives_what_the_pass_gives():
    """`gradients` and `backward` agree on every node, unreached ones included."""
    output = neuron()
    output.tape.leaf(np.ones(2), name="unused")
    assert gradients(output) == list(backward(output).cotangents)
