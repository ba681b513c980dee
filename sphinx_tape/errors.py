"""All exceptions of the package, in one tree, so that no layer imports another to raise.

::

    TapeError
    ├── RecordError              a node cannot be recorded
    │   ├── OperandError         wrong type, shape or element type of an operand
    │   └── ForeignTapeError     operands that belong to different tapes
    ├── BackwardError            the reverse pass cannot start or go on
    │   ├── UnknownOutputError   the output names no node of the tape
    │   ├── SeedError            the seed does not have the output's shape
    │   ├── LocalRuleError       a local VJP raised; the cause is chained
    │   ├── ContributionShapeError   a contribution does not have its parent's shape
    │   ├── ContributionParentError  a contribution for a parent that the node does not have
    │   └── AccumulationError    two contributions to one node cannot be added
    ├── AdapterError             a builder's result cannot be read as a tape
    ├── ReportError              a report cannot be made, is too large or cannot be read back
    ├── ReferenceFault           a builder reference that may not be, or cannot be, resolved
    ├── ArgumentFault            directive arguments that are not literals or do not fit the builder
    └── LayoutError              a layout engine failed or gave positions that are not usable

Every message has the form "subject must be rule (got value); remedy".
Read next: `sphinx_tape/tape/node.py`.
"""

from __future__ import annotations


class TapeError(Exception):
    """Anything that this package raises on purpose."""


class RecordError(TapeError):
    """A node cannot be recorded."""


class OperandError(RecordError, TypeError):
    """An operand has the wrong type, shape or element type."""


class ForeignTapeError(RecordError):
    """Operands belong to different tapes."""


class BackwardError(TapeError):
    """The reverse pass cannot start or go on.

    `node` is the id of the node concerned, or None if there is none. `partial` is the `ReversePass` as
    far as it got, if it failed in mid-pass.
    """

    def __init__(self, message: str, node: int | None = None) -> None:
        super().__init__(message)
        self.node = node
        self.partial: object = None


class UnknownOutputError(BackwardError, LookupError):
    """The output names no node of the tape."""


class SeedError(BackwardError, ValueError):
    """The seed does not have the output's shape (or the output is not a scalar and has none)."""


class LocalRuleError(BackwardError):
    """A local VJP raised; the original exception is the cause."""


class ContributionShapeError(BackwardError, ValueError):
    """A contribution does not have the shape of its parent's value."""


class ContributionParentError(BackwardError, LookupError):
    """A contribution is meant for a parent that the node does not have."""


class AccumulationError(BackwardError, ValueError):
    """Two contributions to one node cannot be added."""


class AdapterError(TapeError, TypeError):
    """A builder's result cannot be read as a tape."""


class ReportError(TapeError, ValueError):
    """A report cannot be made, is too large, or cannot be read back."""


class ReferenceFault(TapeError, LookupError):  # noqa: N818 -- a fault of the author, shown in the page
    """A builder reference that may not be, or cannot be, resolved."""


class ArgumentFault(TapeError, ValueError):  # noqa: N818 -- a fault of the author, shown in the page
    """Directive arguments that are not literals or do not fit the builder."""


class LayoutError(TapeError):
    """A layout engine failed or gave positions that cannot be used."""
