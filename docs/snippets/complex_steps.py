from sphinx_tape import Tape
from sphinx_tape import functions as F


def power_of_current(z=3 + 4j):
    tape = Tape()
    leaf = tape.leaf(z, name="z")
    return F.abs(leaf).square().named("L")
