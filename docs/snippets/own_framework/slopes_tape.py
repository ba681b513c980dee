"""Shows computations of the package `slopes` in figures."""

from slopes import Number

from sphinx_tape import ForeignTape, operands_first


def read(result):
    if not isinstance(result, Number):
        return None
    tape, ids = ForeignTape("slopes"), {}
    for number, operands in operands_first(result, operands_of):
        if operands:
            parents = [ids[operand] for operand in operands]
            ids[number] = tape.add(number.op, number.value, parents, rule_of(number))
        else:
            ids[number] = tape.leaf(number.value, number.name)
    return tape.reading(ids[result])


def operands_of(number):
    return [operand for operand, _ in number.slopes]


def rule_of(number):
    def contributions(g):
        return [g * slope for _, slope in number.slopes]

    return contributions
