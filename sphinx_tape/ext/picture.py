"""The LaTeX code of a drawing: outlines from a PDF file, labels set by LaTeX on top.

Layer `ext`. So the labels have the fonts of the document, any script works, and LaTeX alone is needed.
Read next: `render/pdf.py`.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from sphinx_tape.render.pdf import labels, print_size, to_pdf

if TYPE_CHECKING:
    from collections.abc import Callable

    from sphinx_tape.ext.drawing import Placed
    from sphinx_tape.render.pdf import PrintLabel

# A label is set in its size and colour, and shrunk if the reader's font is wider than the room measured
# for it. Arguments: position of the box, room, size, colour, text.
_LABEL = (
    r"\def\tapelabel#1#2#3#4#5{\setbox0\hbox{\sffamily\fontsize{#3}{#3}\selectfont\color[HTML]{#4}#5}"
    r"\ifdim\wd0>#2bp \setbox0\hbox{\resizebox{#2bp}{\height}{\box0}}\fi\makebox[0pt][#1]{\box0}}%"
)
# The picture keeps its size if it fits the page, below the head of a chapter and above a caption of some
# lines, and is scaled as a whole if not.
_FIT = (
    r"\ifdim\wd1>\linewidth \setbox1\hbox{\resizebox{\linewidth}{!}{\box1}}\fi"
    r"\ifdim\ht1>0.65\textheight \setbox1\hbox{\resizebox{!}{0.65\textheight}{\box1}}\fi"
)


def picture_code(placed: Placed, folder: Path, wanted: str | None, encode: Callable[[str], str]) -> str:
    """Write the picture file into the output folder and return the code that shows it.

    Args:
        placed: The drawing.
        folder: Where LaTeX will look for the file.
        wanted: The author's width as a LaTeX length; None: as drawn.
        encode: Puts a text into LaTeX's spelling.
    """
    file = _write_picture(placed, folder)
    width, height = print_size(placed.graph, placed.layout)
    lines = [
        r"\begingroup",
        _LABEL,
        rf"\setbox1\hbox{{\setlength{{\unitlength}}{{1bp}}\begin{{picture}}({width:.3f},{height:.3f})%",
        rf"\put(0,0){{\includegraphics[width={width:.3f}bp]{{{{{file.stem}}}{file.suffix}}}}}%",
        *(_label(label, encode(label.text)) for label in labels(placed.graph, placed.layout)),
        r"\end{picture}}%",
        rf"\setbox1\hbox{{\resizebox{{{wanted}}}{{!}}{{\box1}}}}%" if wanted else "%",
        _FIT + r"\leavevmode\box1\endgroup",
    ]
    return "\n".join(["", *lines, "", ""])


def _label(label: PrintLabel, text: str) -> str:
    """Return the code for one label; its text is already in LaTeX's spelling."""
    place = "c" if label.anchor == "middle" else "l"
    bold = rf"\textbf{{{text}}}" if label.bold else text
    colour = label.colour.lstrip("#").upper()
    arguments = "".join(f"{{{item}}}" for item in (place, label.width, label.size, colour, bold))
    return rf"\put({label.x},{label.y}){{\tapelabel{arguments}}}%"


def _write_picture(placed: Placed, folder: Path) -> Path:
    """Write the outlines under a name made of their content; an existing file has that content."""
    data = to_pdf(placed.graph, placed.layout)
    path = folder / f"tape-{hashlib.sha256(data).hexdigest()[:16]}.pdf"
    if not path.exists():
        path.write_bytes(data)
    return path
