"""A course's own engine: numbers know their operands and the slopes towards them."""

import math


class Number:
    """A value, the name of what made it, and pairs of an operand and a slope."""

    def __init__(self, value, op="", slopes=(), name=""):
        self.value, self.op, self.slopes, self.name = value, op, slopes, name

    def __add__(self, other):
        return Number(self.value + other.value, "add", [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        slopes = [(self, other.value), (other, self.value)]
        return Number(self.value * other.value, "mul", slopes)


def sine(x):
    return Number(math.sin(x.value), "sin", [(x, math.cos(x.value))])


def gradients(output, arriving=1.0, found=None):
    """Add up, over all ways back, the product of the slopes on the way."""
    found = {} if found is None else found
    found[output] = found.get(output, 0.0) + arriving
    for operand, slope in output.slopes:
        gradients(operand, arriving * slope, found)
    return found
