"""Random builders: straight lines, loops, scopes and arrays, none of which sees anything outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

UNARY = (
    "{}.relu()",
    "{}.tanh()",
    "{}.square()",
    "-{}",
    "F.sigmoid({})",
    "F.exp(-{}.square())",
    "{}.detach()",
)
BINARY = ("{} + {}", "{} * {}", "{} - {}", "F.maximum({}, {})", "F.where(True, {}, {})")


def program(name: str, random: Random) -> str:
    """Write a builder.

    Args:
        name: Name of the function.
        random: Decides everything.
    """
    lines = ["tape = Tape()"]
    known = []
    for number in range(random.randint(1, 3)):
        lines.append(f"x{number} = tape.leaf({_value(random)}, name='x{number}')")
        known.append(f"x{number}")
    for number in range(random.randint(1, 12)):
        target = f"v{number}"
        lines += _step(target, known, random)
        known.append(target)
    lines.append(f"return {known[-1]}.sum().named('y')")
    return f"def {name}():\n" + "".join(f"    {line}\n" for line in lines)


def _value(random: Random) -> str:
    kind = random.randrange(4)
    if kind == 0:
        return f"np.linspace({random.uniform(-2, 0):.3f}, {random.uniform(0, 2):.3f}, 4)"
    if kind == 1:
        return f"np.random.default_rng({random.randrange(9)}).normal(size=4)"
    return f"{random.uniform(-2, 2):.3f}" if kind == 2 else f"{10 ** random.randint(-300, 300):.1e}"


def _step(target: str, known: list[str], random: Random) -> list[str]:
    kind = random.randrange(4)
    a, b = random.choice(known), random.choice(known)
    if kind == 0:
        expression = random.choice(UNARY).format(a)
        return [
            f"with tape.scope('s{random.randrange(3)}'):",
            f"    {target} = ({expression}).named('{target}')",
        ]
    if kind == 1:
        expression = random.choice(BINARY).format(target, b)
        return [f"{target} = {a}", f"for _ in range({random.randint(1, 3)}):", f"    {target} = {expression}"]
    return [f"{target} = {random.choice(BINARY).format(a, b)}"]
