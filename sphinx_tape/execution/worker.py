"""Run one figure in this process: builder, adapter, reverse pass, report.

Layer `execution`, worker side; how the process was made does not matter here. Reads a request and an imported
module, makes an `Answer`. Nothing the author's code does may get out of `run_figure` as an exception.
Read next: `forking.py` and `fresh.py` (how processes are made).
"""

from __future__ import annotations

import inspect
import json
import linecache
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, partial
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np

from sphinx_tape.adapters.read import to_tape
from sphinx_tape.errors import AdapterError, ArgumentFault, ReferenceFault, ReportError
from sphinx_tape.execution.arguments import bind_arguments, parse_arguments, parse_literal
from sphinx_tape.execution.failure import LONGEST_MESSAGE, from_exception, plain_failure, trimmed
from sphinx_tape.execution.fingerprint import ADAPTERS, Dependencies, installed_version
from sphinx_tape.execution.loader import dependencies
from sphinx_tape.execution.places import clip, display_path, library_folders, scrub, standard_folders
from sphinx_tape.execution.pure_library import untouched
from sphinx_tape.execution.randomness import start_random_generators
from sphinx_tape.execution.reference import check_allowed, parse_reference
from sphinx_tape.execution.request import BAD, GOOD, Failure, FailureKind, FigureRequest
from sphinx_tape.execution.resolve import find_builder, import_builder_module
from sphinx_tape.execution.settings import MEGABYTE, ExecutionSettings
from sphinx_tape.execution.source import source_lines
from sphinx_tape.report.build import Origin, build_report
from sphinx_tape.report.model import ReverseFailure, SourceLine, SourceText, TapeReport
from sphinx_tape.report.serial import dumps
from sphinx_tape.tape import Tape
from sphinx_tape.tape.dependencies import declared_files
from sphinx_tape.tape.node import Value

if TYPE_CHECKING:
    from sphinx_tape.adapters.reading import Reading
    from sphinx_tape.tape.node import Source


class Answer(NamedTuple):
    """What a worker says about one figure."""

    report: str = ""
    """The report as JSON text; empty on failure."""
    reverse: ReverseFailure | None = None
    """Why its reverse pass failed; also inside the report, which takes long to read."""
    check: str = ""
    """What is wrong with its gradients, in one sentence."""
    dependencies: Dependencies | None = None
    keep: bool = True
    """Whether the report may be kept: failures are retried in every build."""
    failure: Failure | None = None

    def to_line(self) -> bytes:
        """Return the answer as one line: whether it is good, JSON data, a tab and the report."""
        data = {
            "reverse": self.reverse and self.reverse._asdict(),
            "check": self.check,
            "dependencies": self.dependencies and self.dependencies.to_json(),
            "keep": self.keep,
            "failure": self.failure and self.failure._asdict(),
        }
        mark = BAD if self.failure else GOOD
        # The report is JSON text of one line already; inside of JSON it would be quoted, and unquoted later.
        return b"%s%s\t%s\n" % (mark, json.dumps(data).encode(), self.report.encode())


def import_module_of(reference: str, settings: ExecutionSettings) -> ModuleType | Failure:
    """Import the module of a builder, or say why that failed."""
    try:
        parsed = parse_reference(reference)
        check_allowed(parsed, settings.modules)
        return import_builder_module(parsed.module, settings.roots, named=bool(settings.modules))
    except ReferenceFault as fault:
        return plain_failure("reference", str(fault), settings.roots)
    except BaseException as error:  # noqa: BLE001 -- the author's code may raise anything, `sys.exit` included
        subject = f"module {parsed.module!r}"
        return from_exception(error, "builder", settings.roots, subject, "be importable")


def warm_up() -> None:
    """Do once, before processes are copied, what each copy would otherwise do for the first time."""
    start_random_generators()
    _make_report(check=False)
    dependencies(sys.modules, (), ".")
    source_lines(cast(FunctionType, warm_up))
    # Also of what Python 3.13 notes of the command that has started this process, under "<string>".
    linecache.clearcache()
    library_folders()
    standard_folders()
    untouched()
    # The copies forget it anyway: their imports are not found by the finders of this process.
    sys.path_importer_cache.clear()


def warm_up_checks() -> None:
    """Do the same for what only figures need whose gradients are checked."""
    _make_report(check=True)
    untouched.cache_clear()
    untouched()


def _make_report(*, check: bool) -> None:
    tape = Tape()
    row = tape.leaf(np.ones(2), name="x")
    report = build_report(tape, (row * 2.0).sum().named("y").name, check=check)
    dumps(report)
    _complaint(report)


def _complaint(report: TapeReport) -> str:
    """Return the warning about wrong gradients; empty if nothing is wrong or nothing was checked."""
    if report.check is None:
        return ""
    from sphinx_tape.report.checks import complaint  # noqa: PLC0415 -- only who checks has loaded it

    return complaint(report)


@dataclass(frozen=True, slots=True)
class Prepared:
    """One figure, looked up as far as that needs none of the author's code to run."""

    request: FigureRequest
    builder: FunctionType
    bound: inspect.BoundArguments
    seed: Value
    source: SourceText | None


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
        # Kept: the nodes of a tape come from a line each, but from one file.
        self._display = cache(partial(display_path, roots=self._roots))
        self._before = frozenset(before)
        self._import_dependencies = self._loaded(())
        self._imported = len(sys.modules)

    def run_figure(self, request: FigureRequest) -> Answer:
        """Run one figure; every fault becomes a failure."""
        prepared = self.prepare(request)
        return prepared if isinstance(prepared, Answer) else self.run(prepared)

    def prepare(self, request: FigureRequest) -> Prepared | Answer:
        """Look up what a request names; every fault becomes a failure."""
        try:
            builder = find_builder(self._module, parse_reference(request.reference))
            bound = bind_arguments(builder, parse_arguments(request.arguments))
            return Prepared(request, builder, bound, _seed(request.seed), self._source(builder))
        except ReferenceFault as fault:
            return self._fault("reference", fault)
        except ArgumentFault as fault:
            return self._fault("arguments", fault)
        except Exception as error:  # noqa: BLE001 -- a function may carry a signature of any kind
            return self._raised(request.reference, "builder", error, "have a readable signature")

    def run(self, prepared: Prepared) -> Answer:
        """Run one figure; every fault becomes a failure."""
        reference = prepared.request.reference
        try:
            start_random_generators()
            try:
                result = _call(prepared.builder, prepared.bound)
            except BaseException as error:  # noqa: BLE001 -- the author's code may raise anything, `sys.exit` included
                return self._raised(reference, "builder", error, "run to its end")
            return self._described(prepared, to_tape(result))
        except (AdapterError, ReportError) as fault:
            return self._fault("result", fault)
        except MemoryError:
            message = (
                f"builder must stay within {self._settings.memory_limit} MB (got more in its report); "
                "return smaller arrays"
            )
            return Answer(failure=plain_failure("memory", message))
        except BaseException as error:  # noqa: BLE001 -- our own code on a result that misbehaves: an element whose text raises
            return self._raised(reference, "result", error, "return values that can be described")

    def _described(self, prepared: Prepared, reading: Reading) -> Answer:
        asked = prepared.request.output.strip()
        report = self._report(reading, asked, prepared)
        # A tape without an output, or with one that needs a seed, is what its author wrote, not a failure:
        # a view needs neither, and where one is needed the kept report says so again.
        unasked = not asked and not prepared.request.seed.strip()
        keep = report.failure is None or (report.failure.subtype == "output" and unasked)
        found = self._dependencies()
        if reading.framework != "sphinx_tape":
            found = found._replace(versions={**found.versions, ADAPTERS: installed_version(ADAPTERS)})
        return Answer(
            report=self._text(report),
            reverse=report.failure,
            check=_complaint(report),
            dependencies=found,
            keep=keep,
        )

    def _report(self, reading: Reading, asked: str, prepared: Prepared) -> TapeReport:
        origin = Origin(
            framework=reading.framework,
            source=prepared.source,
            limit=self._settings.report_limit * MEGABYTE,
            locate=_locator(self._display),
            scrub=lambda text: clip(scrub(text, self._roots), LONGEST_MESSAGE),
            explain=lambda error: tuple(trimmed(error, self._roots)),
        )
        output = _output(asked) if asked else reading.output
        return build_report(reading.tape, output, prepared.seed, origin, check=prepared.request.check)

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
        files = declared_files()
        if not files and len(sys.modules) == self._imported:
            return self._import_dependencies
        return self._loaded(files)

    def _loaded(self, files: Iterable[str]) -> Dependencies:
        return dependencies(self._before, files, str(self._settings.source_dir))

    def _source(self, builder: FunctionType) -> SourceText | None:
        function = inspect.unwrap(builder)
        found = source_lines(function) if isinstance(function, FunctionType) else None
        if found is None:
            return None
        lines, first = found
        file = self._display(function.__code__.co_filename)
        return SourceText(file, first, tuple(line.rstrip("\n") for line in lines))

    def _fault(self, kind: FailureKind, fault: Exception) -> Answer:
        failure = plain_failure(kind, str(fault), self._roots)
        if fault.__cause__ is not None:
            failure = failure._replace(traceback=tuple(trimmed(fault.__cause__, self._roots)))
        return Answer(failure=failure)

    def _raised(self, reference: str, kind: FailureKind, error: BaseException, rule: str) -> Answer:
        subject = f"builder {reference}"
        return Answer(failure=from_exception(error, kind, self._roots, subject, rule))


def _output(asked: str) -> int | str:
    """Return the output that a figure asks for: an id if it is a number, else a name."""
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else asked


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


def _call(builder: FunctionType, bound: inspect.BoundArguments) -> object:
    limit = sys.getrecursionlimit()
    try:
        return builder(*bound.args, **bound.kwargs)
    finally:
        # The author may have lowered it below what our own code needs.
        sys.setrecursionlimit(limit)


def _locator(display: Callable[[str], str]) -> Callable[[Source], SourceLine | None]:
    @cache
    def locate(source: Source) -> SourceLine | None:
        text = linecache.getline(source.file, source.line).strip()
        return SourceLine(display(source.file), source.line, text[:200])

    return locate
