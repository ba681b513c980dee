r"""Author's names as math symbols: `w`, `x_{1}`, `\mathrm{loss}`, and `v_{4}` for a node without a name.

Layer `render`. Reads the names of a report, makes TeX and its plain-text twin; any text at all comes out as
TeX that both LaTeX and docutils' MathML converter accept.
Read next: `formulas.py` (which puts symbols into the rules).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from sphinx_tape.render.escape import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sphinx_tape.report.model import NodeRow

# fmt: off
_SMALL: Final = (
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu",
    "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega",
)
# fmt: on
_CAPITAL: Final = ("Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega")


def _letter(case: str, word: str) -> str:
    # Unicode spells it LAMDA.
    return unicodedata.lookup(f"GREEK {case} LETTER {word.upper().replace('LAMBDA', 'LAMDA')}")


GREEK: Final = {_letter("SMALL", word): word for word in _SMALL} | {
    _letter("CAPITAL", word): word for word in _CAPITAL
}
"""Greek letters and their TeX names."""
_GREEK_WORDS: Final = frozenset(GREEK.values())
_LETTER: Final = r"[A-Za-z" + "".join(GREEK) + "]"
_NAME: Final = re.compile(rf"({_LETTER}+)(?:_?(\d+)|_({_LETTER}+\d*))?")
_LONGEST: Final = 32

# Marks that mean something to TeX; kept out of `\\text`, whose escapes docutils prints literally.
_SPECIAL: Final = {
    "\\": r"\backslash ",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\wedge ",
    "~": r"\sim ",
}
# Stand-ins made by `clean` that no TeX font has.
_NO_GLYPH: Final = re.compile("[\u2400-\u2421\ufffd]")


class Symbol(NamedTuple):
    """How a node is written in formulas."""

    base: str
    """TeX of the letter or word that a bar goes over."""
    scripts: str
    """TeX of sub- and superscripts; empty if there are none."""
    text: str
    """Plain-text twin."""

    @property
    def tex(self) -> str:
        """The node's value; one group where something may follow as an exponent."""
        return f"{{{self.base}{self.scripts}}}" if self.scripts else self.base

    @property
    def cotangent(self) -> str:
        """The node's cotangent: the symbol with a bar."""
        # An accent suits one letter, a line suits a word. Over the scripts as well: docutils would write
        # an index on an accented letter below it.
        single = not self.scripts and (len(self.base) == 1 or self.base[1:] in _GREEK_WORDS)
        return rf"\{'bar' if single else 'overline'}{{{self.base}{self.scripts}}}"

    @property
    def cotangent_text(self) -> str:
        """The node's cotangent in plain text."""
        return f"grad({self.text})"


def symbols(nodes: Sequence[NodeRow]) -> tuple[Symbol, ...]:
    """Give every node a symbol of its own.

    Args:
        nodes: The rows of a report, in id order.

    Returns:
        One symbol per node; names that occur twice carry the node's id as a superscript in parentheses.
    """
    plain = [symbol_of(row.name) if row.name else _unnamed(row.id) for row in nodes]
    uses = Counter(symbol.tex for symbol in plain)
    return tuple(
        _numbered(symbol, row.id) if uses[symbol.tex] > 1 and row.name else symbol
        for symbol, row in zip(plain, nodes, strict=True)
    )


def symbol_of(name: str) -> Symbol:
    """Turn one name into a symbol, splitting off an index where there plainly is one."""
    shown = clean(name)
    shown = shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"
    match = _NAME.fullmatch(shown)
    if match is None:
        return Symbol(f"{{{text_tex(shown)}}}", "", shown)
    word, number, letters = match.groups()
    index = number or (_word_tex(letters) if letters else "")
    return Symbol(_word_tex(word), f"_{{{index}}}" if index else "", shown)


def text_tex(text: str) -> str:
    r"""Write any text in math mode: words upright, marks of TeX escaped, everything else in `\text`."""
    shown = _NO_GLYPH.sub("?", clean(text))
    runs = re.findall(r"[\\{}$&#%_^~]|[^\\{}$&#%_^~]+", shown)
    return "".join(_run_tex(run) for run in runs)


def _unnamed(node: int) -> Symbol:
    return Symbol("v", f"_{{{node}}}", f"v{node}")


def _numbered(symbol: Symbol, node: int) -> Symbol:
    return Symbol(symbol.base, f"{symbol.scripts}^{{({node})}}", f"{symbol.text}#{node}")


def _word_tex(word: str) -> str:
    if word in _GREEK_WORDS:
        return f"\\{word}"
    if len(word) == 1:
        return f"\\{GREEK[word]}" if word in GREEK else word
    return text_tex(word) if not word[-1].isdigit() and word.isascii() else f"{{{text_tex(word)}}}"


def _run_tex(run: str) -> str:
    if run in _SPECIAL:
        return _SPECIAL[run]
    if run.isascii() and run.isalpha():
        return rf"\mathrm{{{run}}}"
    return run if run.isascii() and run.isdigit() else rf"\text{{{run}}}"
