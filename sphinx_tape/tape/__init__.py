"""The engine: tape, primitives, reverse pass. NumPy only.

Read next: `node.py`.
"""

from sphinx_tape.tape import functions
from sphinx_tape.tape.backward import Contribution, ReversePass, ReverseStep, backward, gradients
from sphinx_tape.tape.binding import no_grad
from sphinx_tape.tape.node import Node
from sphinx_tape.tape.tape import Tape, apply
from sphinx_tape.tape.variable import Variable

__all__ = [
    "Contribution",
    "Node",
    "ReversePass",
    "ReverseStep",
    "Tape",
    "Variable",
    "apply",
    "backward",
    "functions",
    "gradients",
    "no_grad",
]
