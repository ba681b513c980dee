"""`render.pdf`: outlines that any reader accepts, and texts in their places."""

from __future__ import annotations

import io
import subprocess

import pypdf
import pytest
from hypothesis import given, settings

from sphinx_tape.render.palette import PRINT, rgb
from sphinx_tape.render.pdf import POINTS, labels, print_size, to_pdf
from tests.render.placing import drawing, grid
from tests.render.random_reports import reports
from tests.render.sample_reports import SAMPLES, detached, empty, neuron
from tests.support import require_program


def pdf(report, **more):
    """A drawing, its positions and its PDF."""
    drawn = drawing(report, **more)
    layout = grid(drawn)
    return drawn, layout, to_pdf(drawn, layout)


def picture(data, tmp_path, dpi=144):
    """Rasterise a PDF: width, height and a function from points (y upwards) to colour."""
    require_program("pdftoppm")
    (tmp_path / "in.pdf").write_bytes(data)
    command = ["pdftoppm", "-r", str(dpi), "-singlefile", str(tmp_path / "in.pdf"), str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, check=True)
    assert done.stderr == b""
    header, pixels = (tmp_path / "out.ppm").read_bytes().split(b"\n255\n", 1)
    width, height = map(int, header.split()[1:3])

    def colour(x, y):
        column, row = int(x * dpi / 72), int(height - y * dpi / 72)
        return tuple(pixels[(row * width + column) * 3 : (row * width + column) * 3 + 3])

    return width, height, colour


@pytest.mark.parametrize("name", SAMPLES)
def test_a_strict_reader_accepts_it(name):
    """One page of the promised size, content that parses, no fonts, no dates."""
    drawn, layout, data = pdf(SAMPLES[name]())
    reader = pypdf.PdfReader(io.BytesIO(data), strict=True)
    (page,) = reader.pages
    assert [float(part) for part in page.mediabox] == pytest.approx(
        [0, 0, *print_size(drawn, layout)], abs=1e-3
    )
    assert len(page.get_contents().operations) > 0
    assert reader.metadata is None
    assert "/Font" not in page["/Resources"]


@given(reports())
@settings(max_examples=30)
def test_any_report_makes_a_readable_file(report):
    """Random tapes, mirrored too."""
    _, _, data = pdf(report, mirror=True)
    assert len(pypdf.PdfReader(io.BytesIO(data), strict=True).pages) == 1


def test_equal_drawings_have_equal_bytes():
    """Nothing depends on time or chance."""
    assert pdf(detached())[2] == pdf(detached())[2]


def test_print_shows_nothing_that_waits_for_a_script():
    """A trace is printed like the gradients it ends with."""
    trace, grads = (drawing(detached(), view) for view in ("trace", "grads"))
    assert to_pdf(trace, grid(trace)) == to_pdf(grads, grid(grads))


def test_boxes_have_the_colours_of_their_states(tmp_path):
    """The picture shows the fill of each state inside the box, left of its text."""
    drawn, layout, data = pdf(detached())
    height = print_size(drawn, layout)[1]
    _, _, colour = picture(data, tmp_path)
    fills = {"gradient": 0, "missing": 2, "zero": 3, "not_asked": 5, "output": 9}
    for state, node in fills.items():
        x, y = layout.centres[node]
        seen = colour((x + 60) * POINTS, height - (y + 60) * POINTS)
        assert seen == pytest.approx(rgb(PRINT[f"{state.replace('_', '-')}-fill"]), abs=2)


def test_arrowheads_are_filled(tmp_path):
    """Just before the border of its target, an edge is as dark as its line."""
    drawn, layout, data = pdf(neuron())
    height = print_size(drawn, layout)[1]
    _, _, colour = picture(data, tmp_path, dpi=288)
    x, y = layout.routes[-1][-1]
    assert colour((x + 60) * POINTS, height - (y + 60 - 30) * POINTS) == pytest.approx(
        rgb(PRINT["line"]), abs=12
    )


def test_texts_lie_in_their_boxes():
    """Every word of a box lies inside its outline, and the letters of badges too."""
    drawn, layout, _ = pdf(neuron())
    height = print_size(drawn, layout)[1]
    told = [label for label in labels(drawn, layout) if label.text == "loss"]
    (label,) = told
    x, y = layout.centres[7]
    width, tall = drawn.boxes[7].size
    assert (x + 60 - width / 2) * POINTS < label.x < label.x + label.width < (x + 60 + width / 2) * POINTS
    assert abs((height - (y + 60) * POINTS) - label.y) < tall * POINTS / 2
    assert label.bold
    assert label.size == pytest.approx(12.5 * 0.75, abs=1e-3)


def test_texts_hold_all_that_the_page_shows():
    """Words of boxes, letters of badges and cuts, and the legend's words."""
    drawn, layout, _ = pdf(detached())
    told = [label.text for label in labels(drawn, layout)]
    for word in ("w", "12", "none", "M", "D", "Z", "missing", "exactly zero", "gradient cut by detach"):
        assert word in told


def test_texts_stay_on_the_page():
    """The legend wraps to the page's width, which grows where it must."""
    for make in SAMPLES.values():
        drawn, layout, _ = pdf(make())
        width, height = print_size(drawn, layout)
        for label in labels(drawn, layout):
            assert 0 < label.y < height
            assert 0 < label.x < width
            assert label.anchor == "middle" or label.x + label.width < width


def test_colours_of_texts_are_concrete():
    """LaTeX needs numbers; a gradient has its state's colour."""
    drawn, layout, _ = pdf(neuron())
    colours = {label.text: label.colour for label in labels(drawn, layout)}
    assert colours["-18"] == PRINT["gradient-line"]
    assert colours["loss"] == PRINT["ink"]


def test_an_empty_drawing_is_a_page_too():
    """Nothing to show is no error."""
    assert pdf(empty())[2].startswith(b"%PDF-1.4")
