"""Random generators that start alike for each figure, so that a page does not depend on the day it was built.

Layer `execution`, worker side.
Read next: `worker.py`.
"""

from __future__ import annotations

import random

import numpy as np
from numpy.random import bit_generator

SEED = 0
"""With which everything starts before each figure."""

_entropy = random.Random(SEED)  # noqa: S311 -- to be the same in every build is its purpose
_bits = _entropy.getrandbits


def start_random_generators() -> None:
    """Seed the global generators, and whatever NumPy seeds from now on without being told with what.

    `np.random.default_rng()` takes its seed from a function of the module that defines bit generators (NumPy
    1.26 to 2.4); where that has another name some day, such a generator is as random as its author made it.
    """
    random.seed(SEED)
    np.random.seed(SEED)  # noqa: NPY002 -- the legacy generator is the one with a global state
    _entropy.seed(SEED)
    if hasattr(bit_generator, "randbits"):
        bit_generator.randbits = _bits
