from slopes import Number, sine
from slopes_tape import read


def wave(x=2.0):
    x = Number(x, name="x")
    return read(x * sine(x * x))
