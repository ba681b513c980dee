"""Where in the author's program a tensor comes from: modules, names, lines.

Layer `adapters`. Module scopes come from PyTorch's global forward hooks, which are taken out again; names
from modules, from the author's variables, and from what the watched functions call their values.
Read next: `torch_record.py`.
"""

from __future__ import annotations

import inspect
import sys
import sysconfig
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from sphinx_tape.adapters.torch_values import Tensor, loaded
from sphinx_tape.tape.node import Source

if TYPE_CHECKING:
    from types import CodeType, FrameType

Module = Any
"""A module of PyTorch."""

_OURS = str(Path(__file__).parent.parent)


class Scopes:
    """The modules that are running, outermost first; the root itself is no scope."""

    def __init__(self) -> None:
        self._paths: dict[int, str] = {}
        self._running: list[tuple[str, ...]] = [()]
        self._calls: dict[tuple[str, ...], int] = {}
        self.names: dict[int, str] = {}
        """By the id of a parameter or buffer, its name in the outermost module that holds it."""
        self._seen: list[Module] = []

    @property
    def now(self) -> tuple[str, ...]:
        """The scopes at this moment."""
        return self._running[-1]

    def meet(self, root: Module, prefix: str = "") -> None:
        """Take down the names of a module, its parts and its tensors."""
        self._seen.append(root)
        for path, module in root.named_modules():
            self._paths.setdefault(id(module), f"{prefix}.{path}".strip("."))
        for path, tensor in (*root.named_parameters(), *root.named_buffers()):
            self.names.setdefault(id(tensor), f"{prefix}.{path}".strip("."))

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Follow which module runs."""
        hooks = loaded().nn.modules.module
        handles = [
            hooks.register_module_forward_pre_hook(self._enter),
            hooks.register_module_forward_hook(self._leave, always_call=True),
        ]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def _enter(self, module: Module, _inputs: object) -> None:
        if id(module) not in self._paths:
            self.meet(module)
        path, outer = self._paths[id(module)], self.now
        inside = "".join(f"{scope.partition(' ')[0]}." for scope in outer)
        own = path.removeprefix(inside)
        scope = (*outer, own) if own else outer
        if own:
            count = self._calls[scope] = self._calls.get(scope, 0) + 1
            own += f" {type(module).__name__}" if own.rpartition(".")[2].isdigit() else ""
            scope = (*outer, own if count == 1 else f"{own} (call {count})")
        self._running.append(scope)

    def _leave(self, _module: Module, _inputs: object, _output: object) -> None:
        self._running.pop()


def author_frame() -> Source | None:
    """Find the innermost line of the running code that is the author's.

    Lines of other installed libraries count only where there is none of the author's own.
    """
    found: Source | None = None
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 -- inspect.stack() reads every file
    while frame is not None:
        code = frame.f_code
        owner = _owner(code)
        if owner == "author" or (owner == "library" and found is None):
            found = Source(code.co_filename, frame.f_lineno, code.co_name)
        if owner == "author":
            return found
        frame = frame.f_back
    return found


def is_foreign(function: Callable[..., Any]) -> bool:
    """Tell whether a function is PyTorch's, or not written in Python."""
    code = getattr(function, "__code__", None)
    return code is None or _owner(code) == "none"


def _owner(code: CodeType) -> Owner:
    known = _OWNERS.get(code.co_filename)
    if known is None:
        torch = Path(loaded().__file__).parent
        libraries = (str(torch.parent), sysconfig.get_path("stdlib"))
        if code.co_filename.startswith((str(torch), _OURS, "<")):
            known = "none"
        else:
            known = "library" if code.co_filename.startswith(libraries) else "author"
        _OWNERS[code.co_filename] = known
    return known


Owner = Literal["author", "library", "none"]
"""Whose a line is; `none`: PyTorch's or ours, which nobody wants to read."""

_OWNERS: dict[str, Owner] = {}
"""By file."""


def variable_names(places: Mapping[str, Any]) -> dict[int, str]:
    """Return the names of the tensors among variables, by the tensors' ids; the first name counts."""
    found: dict[int, str] = {}
    for name, value in places.items():
        if isinstance(value, loaded().Tensor):
            found.setdefault(id(value), name)
    return found


def captured(function: Callable[..., Any]) -> dict[str, Any]:
    """Return the variables that a function of the author's uses from outside itself."""
    if is_foreign(function):
        return {}
    try:
        outside = inspect.getclosurevars(function)
    except TypeError:
        return {}
    return {**outside.globals, **outside.nonlocals}


def argument_names(
    function: Callable[..., Any], inputs: tuple[Any, ...], keywords: dict[str, Any]
) -> dict[str, Any]:
    """Return what a function is called with, by the names of its parameters."""
    try:
        function = function.forward if isinstance(function, loaded().nn.Module) else function
        return dict(inspect.signature(function).bind(*inputs, **keywords).arguments)
    except (TypeError, ValueError):
        return dict(keywords)


@contextmanager
def watching_names(
    codes: set[CodeType], inner: set[CodeType], names: dict[int, tuple[str, Tensor]]
) -> Iterator[None]:
    """Take down what functions call their values, at the moment in which they return.

    Args:
        codes: The code of the functions that are watched.
        inner: The code of functions that they call, whose arguments bear names already.
        names: Filled with names and tensors, by the tensors' ids; the outer names win.
    """
    before = sys.getprofile()

    def profile(frame: FrameType, event: str, _value: object) -> None:
        code = frame.f_code
        if event == "return" and (code in codes or code in inner):
            kind, own = loaded().Tensor, dict(frame.f_locals)
            for name in () if code in codes else code.co_varnames[: code.co_argcount]:
                own.pop(name, None)
            for name, value in reversed(own.items()):
                if isinstance(value, kind):
                    names[id(value)] = (name, value)

    sys.setprofile(profile)
    try:
        yield
    finally:
        sys.setprofile(before)


def codes_of(functions: Iterable[Callable[..., Any]]) -> set[CodeType]:
    """Return the code of those functions that are not PyTorch's."""
    return {each.__code__ for each in map(forward_of, functions) if not is_foreign(each)}


def forward_of(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function that a module, or a function, runs."""
    return type(function).forward if isinstance(function, loaded().nn.Module) else function
