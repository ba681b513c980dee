"""Modules that only define: their import can change nothing but their own names.

Layer `execution`, worker side, standard library only. Such a module imports, names constants and makes
functions; it calls nothing, makes no class and sets no attribute or element. Comparing libraries with what
they were takes longer than most imports, and after such an import it is not needed.
Read next: `loader.py`, `pure_library.py`.
"""

from __future__ import annotations

from dis import opmap
from types import CodeType

OPCODES = """
    CACHE EXTENDED_ARG NOP RESUME NOT_TAKEN POP_TOP PUSH_NULL COPY SWAP LOAD_CONST LOAD_SMALL_INT LOAD_NAME
    STORE_NAME IMPORT_NAME IMPORT_FROM LOAD_ATTR MAKE_FUNCTION SET_FUNCTION_ATTRIBUTE BUILD_TUPLE BUILD_LIST
    BUILD_MAP BUILD_CONST_KEY_MAP LIST_EXTEND UNARY_NEGATIVE BINARY_SUBSCR RETURN_VALUE RETURN_CONST"""
"""Names of the opcodes that may occur, of Python 3.11 to 3.14; no operator: `|=` changes what it is given."""

_ALLOWED = frozenset(opmap[name] for name in OPCODES.split() if name in opmap)


def only_defines(code: CodeType) -> bool:
    """Whether the code of a module only defines."""
    return frozenset(code.co_code[::2]) <= _ALLOWED
