"""The public functions of the tape: `from sphinx_tape import functions as F`.

Layer `tape`. One function per operation, named as NumPy names it. They live by family in
`functions_<family>.py`; this module passes on what those list in `__all__`. Functions of NumPy called on
a variable (`np.sin(v)`) find their counterpart here by name.
Read next: `functions_elementwise.py`.
"""

# ruff: noqa: F403 -- the families' own lists say what is public; a test compares them with THE table

from __future__ import annotations

from sphinx_tape.tape import (
    functions_attention,
    functions_convolution,
    functions_elementwise,
    functions_indexing,
    functions_linear,
    functions_losses,
    functions_neural,
    functions_normalization,
    functions_reductions,
    functions_selection,
    functions_shaping,
)
from sphinx_tape.tape.functions_attention import *
from sphinx_tape.tape.functions_convolution import *
from sphinx_tape.tape.functions_elementwise import *
from sphinx_tape.tape.functions_indexing import *
from sphinx_tape.tape.functions_linear import *
from sphinx_tape.tape.functions_losses import *
from sphinx_tape.tape.functions_neural import *
from sphinx_tape.tape.functions_normalization import *
from sphinx_tape.tape.functions_reductions import *
from sphinx_tape.tape.functions_selection import *
from sphinx_tape.tape.functions_shaping import *

__all__: list[str] = []
__all__ += functions_attention.__all__
__all__ += functions_convolution.__all__
__all__ += functions_elementwise.__all__
__all__ += functions_selection.__all__
__all__ += functions_indexing.__all__
__all__ += functions_linear.__all__
__all__ += functions_losses.__all__
__all__ += functions_neural.__all__
__all__ += functions_normalization.__all__
__all__ += functions_reductions.__all__
__all__ += functions_shaping.__all__
