"""Which builders are closed: they neither see nor leave anything that can change outside of their own frame.

Layer `execution`, worker side. Closed builders of a module may run one after the other in one process, with
results that are the same bytes as from a process each. That is read from the bytecode, before anything runs;
what is not shown to be closed is not, and runs in a process of its own.

The rule, and why it is enough. What code can reach begins with what it loads, and goes on by what it calls.

1. It loads its arguments (literals, made anew for each figure), constants of its code, its own local
   variables and those of functions written inside of it, and globals. A global must be a constant that
   nothing can change, a pure function of a library (`pure_library.py`, known by identity), or a function of
   the author's that is closed itself. A module is only ever loaded to take one of its pure functions at
   once, so a module is never a value.
2. So every value at hand is a constant, a pure or closed function, or was made during this very call, and
   what can be changed is known to nobody else. Attributes are read by the names of one list, which has
   nothing that leads from a value to names, frames, code or other objects (`__globals__`, `format` ...).
3. Only opcodes of one list occur: none that store a global or an attribute, import, delete names, build
   classes or sets (whose order comes from addresses), merge keywords (which may be called anything), or
   that a later version of Python may add. Exceptions are not caught, as how deep a stack goes and how much
   memory is left are state, too; a `with` block of a tape catches none.
4. Functions carry nothing along: no closure from outside, no attributes, no default that can change; none
   of the author's is a generator with a `with` block, which could be left open.
5. No argument is called `where` or `empty` by name or by value: with it, NumPy leaves elements that nobody
   has written.

An import may have replaced parts of a library, so the rule holds only where libraries are untouched. What
a run does to our own code (lines it has read, warnings it has said once) is in no report; `runner.py` looks
after each figure whether anything else has changed.
Read next: `pure_library.py`, `runner.py`.
"""

from __future__ import annotations

import builtins
import inspect
import sys
from collections.abc import Iterator
from dis import opmap
from itertools import chain
from operator import attrgetter
from types import CodeType, FunctionType, ModuleType

from sphinx_tape.execution.pure_library import (
    FORBIDDEN,
    is_constant,
    is_known,
    is_pure,
    member,
)

ATTRIBUTES = """
    T abs astype constant detach dtype exp id item leaf log max mean min name named ndim no_grad node nodes
    op parents relu rename requires_grad reshape scope shape sigmoid size sqrt square sum tanh tape transpose
    value variable

    as_integer_ratio bit_count bit_length conjugate denominator eps from_float imag is_integer
    limit_denominator numerator real tiny

    append capitalize center clear copy count endswith extend find get index insert isalpha isdigit items
    join keys ljust lower lstrip pop popitem remove replace reverse rjust rstrip setdefault sort split
    startswith strip title update upper values zfill

    accumulate all any argmax argmin argsort clip conj cumprod cumsum diagonal dot fill flatten nonzero outer
    prod ptp ravel reduce repeat round searchsorted squeeze std swapaxes take tolist trace var
    choice integers normal permutation random shuffle standard_normal uniform"""
"""Attributes that may be read of any value: of tapes and variables, numbers and their types, texts and
containers, arrays and generators of random numbers. Whichever value has one, it leads to nothing that
outlives the call."""

OPCODES = """
    CACHE EXTENDED_ARG NOP RESUME NOT_TAKEN POP_TOP PUSH_NULL COPY SWAP
    LOAD_CONST LOAD_SMALL_INT LOAD_FAST LOAD_FAST_BORROW LOAD_FAST_CHECK LOAD_FAST_AND_CLEAR
    LOAD_FAST_LOAD_FAST LOAD_FAST_BORROW_LOAD_FAST_BORROW STORE_FAST STORE_FAST_LOAD_FAST
    STORE_FAST_STORE_FAST DELETE_FAST
    LOAD_GLOBAL LOAD_ATTR LOAD_METHOD LOAD_ASSERTION_ERROR LOAD_COMMON_CONSTANT
    MAKE_CELL COPY_FREE_VARS LOAD_CLOSURE LOAD_DEREF STORE_DEREF DELETE_DEREF
    MAKE_FUNCTION SET_FUNCTION_ATTRIBUTE
    UNARY_POSITIVE UNARY_NEGATIVE UNARY_NOT UNARY_INVERT BINARY_OP COMPARE_OP IS_OP CONTAINS_OP TO_BOOL
    BINARY_SUBSCR STORE_SUBSCR DELETE_SUBSCR BINARY_SLICE STORE_SLICE BUILD_SLICE
    BUILD_TUPLE BUILD_LIST BUILD_MAP BUILD_CONST_KEY_MAP BUILD_STRING LIST_APPEND LIST_EXTEND LIST_TO_TUPLE
    MAP_ADD DICT_UPDATE UNPACK_SEQUENCE UNPACK_EX
    FORMAT_VALUE FORMAT_SIMPLE FORMAT_WITH_SPEC CONVERT_VALUE
    PRECALL CALL KW_NAMES CALL_KW CALL_FUNCTION_EX CALL_INTRINSIC_1
    GET_ITER FOR_ITER END_FOR POP_ITER GET_LEN
    JUMP_FORWARD JUMP_BACKWARD JUMP_BACKWARD_NO_INTERRUPT JUMP_IF_TRUE_OR_POP JUMP_IF_FALSE_OR_POP
    POP_JUMP_IF_TRUE POP_JUMP_IF_FALSE POP_JUMP_IF_NONE POP_JUMP_IF_NOT_NONE
    POP_JUMP_FORWARD_IF_TRUE POP_JUMP_FORWARD_IF_FALSE POP_JUMP_FORWARD_IF_NONE POP_JUMP_FORWARD_IF_NOT_NONE
    POP_JUMP_BACKWARD_IF_TRUE POP_JUMP_BACKWARD_IF_FALSE POP_JUMP_BACKWARD_IF_NONE
    POP_JUMP_BACKWARD_IF_NOT_NONE
    RETURN_VALUE RETURN_CONST RETURN_GENERATOR YIELD_VALUE RAISE_VARARGS RERAISE
    BEFORE_WITH LOAD_SPECIAL PUSH_EXC_INFO WITH_EXCEPT_START POP_EXCEPT"""
"""Names of the opcodes that may occur, of Python 3.11 to 3.14."""


def _numbers(names: str) -> frozenset[int]:
    return frozenset(opmap[name] for name in names.split() if name in opmap)


_ALLOWED = _numbers(OPCODES)
_HARMLESS_NAMES = frozenset(ATTRIBUTES.split())
_NOTHING = _numbers("CACHE")
_EXTENDED = _numbers("EXTENDED_ARG")
_GLOBAL = _numbers("LOAD_GLOBAL")
_ATTRIBUTE = _numbers("LOAD_ATTR LOAD_METHOD")
_IS_KNOWN = sys.version_info[:2] <= (3, 14)
"""Whether we know what the arguments of these opcodes mean; where not, no function is closed."""
_CATCH, _OF_WITH = _numbers("PUSH_EXC_INFO"), _numbers("WITH_EXCEPT_START")
_WITH = _numbers("BEFORE_WITH LOAD_SPECIAL")
_INTRINSIC = _numbers("CALL_INTRINSIC_1")
_DOUBTFUL = _CATCH | _INTRINSIC
_HARMLESS = frozenset({3, 5, 6})
"""Intrinsic functions: the end of a generator, unary plus, a list made a tuple."""
_ATTRIBUTE_SHIFT = int(sys.version_info >= (3, 12))
"""Since Python 3.12 the lowest bit says whether it is a method that is loaded."""
_SUSPENDED = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
_SUSPENDED |= inspect.CO_ITERABLE_COROUTINE
# Versions of the type checker differ in whether they know the attribute.
_builtins_of = attrgetter("__builtins__")
_UNWRITTEN = frozenset({"where", "empty"})


def closed_builders(module: ModuleType) -> list[str]:
    """List the names of a module's own functions that are closed, as long as libraries are untouched."""
    return [name for name, function in functions_of(module).items() if is_closed(function)]


def functions_of(module: ModuleType) -> dict[str, FunctionType]:
    """Return a module's own functions by name."""
    return {
        name: value
        for name, value in vars(module).items()
        if type(value) is FunctionType and value.__module__ == module.__name__
    }


def is_closed(function: FunctionType) -> bool:
    """Whether a function is closed, as long as libraries are untouched."""
    todo, seen = [function], {function}
    while todo and _IS_KNOWN:
        used = _used(todo.pop())
        if used is None:
            return False
        todo.extend(used - seen)
        seen |= used
    return _IS_KNOWN


def _used(function: FunctionType) -> set[FunctionType] | None:
    """Return the author's functions that a function uses; None if it is not closed whatever they are."""
    if not _carries_nothing(function):
        return None
    used: set[FunctionType] = set()
    for code in _with_inner(function.__code__):
        loaded = _loaded(code, function) if _is_harmless(code) else None
        if loaded is None:
            return None
        used |= loaded
    return used


def _carries_nothing(function: FunctionType) -> bool:
    defaults = chain(function.__defaults__ or (), (function.__kwdefaults__ or {}).values())
    return (
        type(function) is FunctionType
        and function.__closure__ is None
        and not function.__dict__
        and type(function.__globals__) is dict
        and _builtins_of(function) is vars(builtins)
        and not function.__code__.co_flags & _SUSPENDED
        and all(map(is_constant, defaults))
    )


def _with_inner(code: CodeType) -> Iterator[CodeType]:
    todo = [code]
    while todo:
        each = todo.pop()
        yield each
        todo.extend(constant for constant in each.co_consts if type(constant) is CodeType)


def _is_harmless(code: CodeType) -> bool:
    """Whether code has only allowed opcodes, and no constant that makes NumPy leave elements unwritten."""
    opcodes = frozenset(code.co_code[::2])
    suspended = code.co_flags & _SUSPENDED
    return (
        opcodes <= _ALLOWED
        and (not suspended or (suspended == inspect.CO_GENERATOR and not opcodes & _WITH))
        and not (opcodes & _DOUBTFUL and _catches_or_worse(code))
        and not any(map(_names_unwritten, code.co_consts))
    )


def _catches_or_worse(code: CodeType) -> bool:
    """Whether code catches exceptions other than at the end of a `with` block, or uses further intrinsics."""
    caught = False
    for opcode, argument in _instructions(code):
        if (caught and opcode not in _OF_WITH) or (opcode in _INTRINSIC and argument not in _HARMLESS):
            return True
        caught = opcode in _CATCH
    return False


def _names_unwritten(constant: object) -> bool:
    if type(constant) is tuple:
        return any(map(_names_unwritten, constant))
    return type(constant) is str and constant in _UNWRITTEN


def _loaded(code: CodeType, function: FunctionType) -> set[FunctionType] | None:
    """Return the author's functions among the globals that code loads; None if it loads what it may not."""
    used: set[FunctionType] = set()
    for value in _values(code, function):
        if type(value) is FunctionType and not is_pure(value):
            used.add(value)
        elif not is_pure(value) and not is_constant(value):
            return None
    return used


def _values(code: CodeType, function: FunctionType) -> Iterator[object]:
    """Give what code loads from outside of its frame, and `FORBIDDEN` for what it may not.

    A module is given only where something else is done with it than to take a member from it at once.
    """
    module: ModuleType | None = None
    for opcode, argument in _instructions(code):
        value: object = None
        if opcode in _ATTRIBUTE:
            name = code.co_names[argument >> _ATTRIBUTE_SHIFT]
            value = member(module, name) if module else None if name in _HARMLESS_NAMES else FORBIDDEN
        elif module is not None:
            yield module
        if opcode in _GLOBAL:
            value = _global(function, code.co_names[argument >> 1])
        module = value if isinstance(value, ModuleType) and is_known(value) else None
        if module is None and value is not None:
            yield value


def _global(function: FunctionType, name: str) -> object:
    """Return what a function finds under a global name."""
    space = function.__globals__
    return space[name] if name in space else vars(builtins).get(name, FORBIDDEN)


def _instructions(code: CodeType) -> Iterator[tuple[int, int]]:
    """Give opcodes and arguments; `dis` does the same and takes fifteen times as long."""
    raw, extended = code.co_code, 0
    for opcode, low in zip(raw[::2], raw[1::2], strict=True):
        argument = extended | low
        extended = argument << 8 if opcode in _EXTENDED else 0
        if not extended and opcode not in _NOTHING and opcode not in _EXTENDED:
            yield opcode, argument
