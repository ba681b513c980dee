from sphinx_tape import Tape


def one_neuron(x=3.0, w=2.0, b=1.0):
    tape = Tape()
    w = tape.leaf(w, name="w")
    x = tape.leaf(x, name="x")
    b = tape.leaf(b, name="b")
    a = (w * x + b).named("a")
    return (a - 10.0).square().named("loss")
