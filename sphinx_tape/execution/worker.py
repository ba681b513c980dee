"""Run one figure in this process: builder, adapter, reverse pass, report.

Layer `execution`, worker side; how the process was made does not matter here. Reads a request and an imported
module, makes an `Answer`. Nothing the author's code does may get out of `run_figure` as an exception.
Read next: `forking.py` and `fresh.py` (how processes are made).
"""

from __future__ import annotations

import inspect
import linecache
import random
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from functools import cache
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from sphinx_tape.adapters.read import to_tape
from sphinx_tape.errors import AdapterError, ArgumentFault, ReferenceFault, ReportError
from sphinx_tape.execution.arguments import Literal, bind_arguments, parse_arguments, parse_literal
from sphinx_tape.execution.failure import from_exception, plain_failure, trimmed
from sphinx_tape.execution.fingerprint import Dependencies
from sphinx_tape.execution.loader import dependencies
from sphinx_tape.execution.places import display_path
from sphinx_tape.execution.reference import check_allowed, parse_reference
from sphinx_tape.execution.request import Failure, FailureKind, FigureRequest
from sphinx_tape.execution.resolve import find_builder, import_builder_module
from sphinx_tape.execution.settings import MEGABYTE, ExecutionSettings
from sphinx_tape.report.build import Origin, build_report
from sphinx_tape.report.model import ReverseFailure, SourceLine, SourceText, TapeReport
from sphinx_tape.report.serial import dumps
from sphinx_tape.tape import Tape

if TYPE_CHECKING:
    from sphinx_tape.adapters.reading import Reading
    from sphinx_tape.tape.node import Source, Value

SEED = 0
"""With which the random generators start before each figure."""

Unexpected = (Exception, SystemExit, KeyboardInterrupt, GeneratorExit)
"""What the author's code may raise; `Exception` alone would let `sys.exit` end the worker unsaid."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a worker says about one figure."""

    report: str = ""
    """The report as JSON text; empty on failure."""
    reverse: ReverseFailure | None = None
    """Why its reverse pass failed; also inside the report, which takes long to read."""
    dependencies: Dependencies | None = None
    keep: bool = True
    """Whether the report may be kept: failures are retried in every build."""
    failure: Failure | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the answer as JSON data."""
        return {
            "report": self.report,
            "reverse": self.reverse and asdict(self.reverse),
            "dependencies": self.dependencies and self.dependencies.to_json(),
            "keep": self.keep,
            "failure": self.failure and asdict(self.failure),
        }


def import_module_of(reference: str, settings: ExecutionSettings) -> ModuleType | Failure:
    """Import the module of a builder, or say why that failed."""
    try:
        parsed = parse_reference(reference)
        check_allowed(parsed, settings.modules)
        return import_builder_module(parsed.module, settings.roots)
    except ReferenceFault as fault:
        return plain_failure("reference", str(fault), settings.roots)
    except Unexpected as error:
        subject = f"module {parsed.module!r}"
        return from_exception(error, "builder", settings.roots, subject, "be importable")


def warm_up() -> None:
    """Do once, before processes are copied, what each copy would otherwise do for the first time."""
    _start_random_generators()
    tape = Tape()
    row = tape.leaf(np.ones(2), name="x")
    dumps(build_report(tape, (row * 2.0).sum().named("y").name))
    dependencies(sys.modules, (), ".")
    inspect.getsourcelines(warm_up)
    linecache.clearcache()


class FigureWorker:
    """Runs figures of one module; one at a time."""

    def __init__(self, module: ModuleType, settings: ExecutionSettings, before: Iterable[str]) -> None:
        """Remember what is needed.

        Args:
            module: The builder's module, imported.
            settings: Limits and folders.
            before: Names of the modules that were loaded before the author's.
        """
        self._module = module
        self._settings = settings
        self._roots = settings.roots
        self._before = frozenset(before)

    def run_figure(self, request: FigureRequest) -> Answer:
        """Run one figure; every fault becomes a failure."""
        try:
            return self._answer(request)
        except ReferenceFault as fault:
            return self._fault("reference", fault)
        except ArgumentFault as fault:
            return self._fault("arguments", fault)
        except (AdapterError, ReportError) as fault:
            return self._fault("result", fault)
        except MemoryError:
            message = (
                f"builder must stay within {self._settings.memory_limit} MB (got more in its report); "
                "return smaller arrays"
            )
            return Answer(failure=plain_failure("memory", message))
        except Unexpected as error:
            # What remains is our own code on a result that misbehaves (an element whose text raises).
            return self._raised(request.reference, "result", error, "return values that can be described")

    def _answer(self, request: FigureRequest) -> Answer:
        reference = parse_reference(request.reference)
        builder = find_builder(self._module, reference)
        bound = bind_arguments(builder, parse_arguments(request.arguments))
        seed = _seed(request.seed)
        source = self._source(builder)
        _start_random_generators()
        try:
            result = _call(builder, bound)
        except Unexpected as error:
            return self._raised(request.reference, "builder", error, "run to its end")
        report = self._report(to_tape(result), request.output, seed, source)
        # A tape without an output is what its author wrote, not a failure.
        keep = report.failure is None or (report.output is None and not request.output.strip())
        return Answer(
            report=self._text(report), reverse=report.failure, dependencies=self._dependencies(), keep=keep
        )

    def _report(self, reading: Reading, output: str, seed: Literal, source: SourceText | None) -> TapeReport:
        origin = Origin(
            framework=reading.framework,
            source=source,
            limit=self._settings.report_limit * MEGABYTE,
            locate=_locator(self._roots),
            explain=lambda error: tuple(trimmed(error, self._roots)),
        )
        return build_report(reading.tape, _output(output, reading.output), seed, origin)

    def _text(self, report: TapeReport) -> str:
        text = dumps(report)
        if len(text) > self._settings.report_limit * MEGABYTE:
            got = f"{len(text) / MEGABYTE:.1f} MB for {len(report.nodes)} nodes"
            message = (
                f"report must be at most {self._settings.report_limit} MB (got {got}); "
                "record fewer nodes or raise `tape_report_limit`"
            )
            raise ReportError(message)
        return text

    def _dependencies(self) -> Dependencies:
        declared = sys.modules.get("sphinx_tape.tape.dependencies")
        files: Callable[[], Iterable[str]] = getattr(declared, "declared_files", tuple)
        return dependencies(self._before, files(), str(self._settings.source_dir))

    def _source(self, builder: FunctionType) -> SourceText | None:
        function = inspect.unwrap(builder)
        try:
            lines, first = inspect.getsourcelines(function)
        except (OSError, TypeError, SyntaxError, IndexError):
            return None
        file = display_path(function.__code__.co_filename, self._roots)
        return SourceText(file, first, tuple(line.rstrip("\n") for line in lines))

    def _fault(self, kind: FailureKind, fault: Exception) -> Answer:
        return Answer(failure=plain_failure(kind, str(fault), self._roots))

    def _raised(self, reference: str, kind: FailureKind, error: BaseException, rule: str) -> Answer:
        subject = f"builder {reference}"
        return Answer(failure=from_exception(error, kind, self._roots, subject, rule))


def _output(asked: str, own: int | str | None) -> int | str | None:
    """Return the output that the figure asks for, or the builder's own."""
    asked = asked.strip()
    if not asked:
        return own
    return int(asked) if asked.isascii() and asked.isdigit() else asked


def _seed(text: str) -> Value:
    if not text.strip():
        return None
    literal = parse_literal(text, "seed")
    try:
        array = np.asarray(literal)
    except (ValueError, OverflowError):
        array = np.asarray(None)
    if array.dtype.kind not in "fciubO" or (
        array.dtype.kind == "O" and not array.ndim and type(literal) is not int
    ):
        message = (
            f"seed must be a number or rows of numbers of equal length (got {text.strip()[:80]!r}); mend it"
        )
        raise ArgumentFault(message)
    return array


def _start_random_generators() -> None:
    random.seed(SEED)
    np.random.seed(SEED)  # noqa: NPY002 -- the legacy generator is the one with a global state


def _call(builder: FunctionType, bound: inspect.BoundArguments) -> object:
    limit = sys.getrecursionlimit()
    try:
        return builder(*bound.args, **bound.kwargs)
    finally:
        # The author may have lowered it below what our own code needs.
        sys.setrecursionlimit(limit)


def _locator(roots: tuple[str, ...]) -> Callable[[Source], SourceLine | None]:
    @cache
    def locate(source: Source) -> SourceLine | None:
        text = linecache.getline(source.file, source.line).strip()
        return SourceLine(display_path(source.file, roots), source.line, text[:200])

    return locate
