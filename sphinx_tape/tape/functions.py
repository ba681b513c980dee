"""The public functions of the tape: `from sphinx_tape import functions as F`.

Layer `tape`. One function per operation, named as NumPy names it. They live by family in
`functions_<family>.py`; this module passes on what those list in `__all__`. Functions of NumPy called on
a variable (`np.sin(v)`) find their counterpart here by name.
Read next: `functions_elementwise.py`.
"""

# ruff: noqa: F403 -- the families' own lists say what is public; a test compares them with THE table

from __future__ import annotations

from sphinx_tape.tape import functions_elementwise, functions_reductions
from sphinx_tape.tape.functions_elementwise import *
from sphinx_tape.tape.functions_reductions import *

__all__: list[str] = []
__all__ += functions_elementwise.__all__
__all__ += functions_reductions.__all__
