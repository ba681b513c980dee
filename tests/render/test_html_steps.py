"""`render.html_steps`: the contract with the stepper's script."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from tests.render.figures import by_class, figure, parsed, words
from tests.render.random_reports import reports
from tests.render.sample_reports import detached, diamond, layers, neuron


def items(report, name):
    """The items of one of the two lists."""
    return list(by_class(parsed(figure(report)), name)[0])


def test_forward_items_name_node_edges_and_line():
    """What the script lights in a forward step."""
    made = items(neuron(), "tape-forward")[3]
    assert made.attrib == {
        "id": "fig-1-forward-4",
        "data-node": "3",
        "data-edges": "0-3-0 1-3-1",
        "data-line": "13",
    }
    assert words(made).startswith("v = multiply(...) 3: multiply")


def test_lines_of_other_files_light_nothing():
    """A helper in another file may have the same line numbers as the listing."""
    report = neuron()
    elsewhere = report.builder_source._replace(file="other.py")
    other = report._replace(builder_source=elsewhere)
    assert "data-line" not in items(other, "tape-forward")[3].attrib


def test_a_line_that_makes_several_nodes_is_printed_once():
    """The code stands before the first of its nodes."""
    report = neuron()
    same = [row._replace(source=report.nodes[3].source) for row in report.nodes[3:]]
    made = items(report._replace(nodes=(*report.nodes[:3], *same)), "tape-forward")
    assert [bool(by_class(item, "tape-src")) for item in made] == [True] * 4 + [False] * 4


def test_reverse_items_name_what_is_complete():
    """What the script lights in a reverse step, and which gradients it lets appear."""
    made = items(neuron(), "tape-steps")[0]
    assert made.get("id") == "fig-1-step-1"
    assert made.get("data-node") == "7"
    assert made.get("data-edges") == "6-7-0"
    assert made.get("data-done") == "7 6"
    assert made.get("class") == "tape-step-propagates"


def test_running_sums_stand_at_their_contribution():
    """36, then 54; the last one is marked as complete."""
    totals = by_class(parsed(figure(diamond())), "tape-total")
    assert [words(total) for total in totals] == [
        "sum after 1 of 2 contributions: 36",
        "sum of the 2 contributions, the gradient of x: 36 + 18 = 54",
    ]
    assert ["tape-complete" in total.get("class") for total in totals] == [False, True]


def test_accumulation_is_written_as_such():
    """`+=` where contributions add up, `=` where there is only one."""
    root = parsed(figure(diamond()))
    lines = [words(e) for e in by_class(root, "tape-contributions")[0]]
    assert all("+=" not in line for line in lines)
    into_x = [words(e) for e in root.iter("li") if e.get("data-to") == "0"]
    assert all("+=" in line for line in into_x)


def test_arrays_unfold_where_they_stand():
    """A cotangent that is an array says shape and range, and holds its elements behind that."""
    folds = by_class(parsed(figure(layers())), "tape-fold")
    assert words(folds[0][0]) == "(8, 10), 0.1 to 0.1"
    assert by_class(folds[0], "tape-grid")


def test_reasons_stand_at_steps_without_a_gradient():
    """The step of a node that got nothing says why, and links to the cut."""
    made = items(detached(), "tape-steps")[7]
    assert "cut by detach at 5: detach" in words(made)
    assert [a.get("href") for a in made.iter("a")] == ["#fig-1-row-2", "#fig-1-row-5"]


def replayed(root):
    """Add up the contributions as printed: per node the sum, and the sum of magnitudes that went into it."""
    steps = by_class(root, "tape-steps")[0]
    first = next(item for item in steps if by_class(item, "tape-equation"))
    seed = float(words(by_class(by_class(first, "tape-equation")[0], "tape-number")[-1]))
    sums, sizes = {first.get("data-node"): seed}, {first.get("data-node"): abs(seed)}
    for made in (item for item in steps.iter("li") if item.get("data-to")):
        number = float(words(by_class(by_class(made, "tape-equation")[0], "tape-number")[-1]))
        node = made.get("data-to")
        sums[node] = sums.get(node, 0.0) + number
        sizes[node] = sizes.get(node, 0.0) + abs(number)
    return sums, sizes


@settings(max_examples=150, deadline=None)
@given(reports())
def test_the_ledger_on_the_page_adds_up(report):
    """Replayed from the page's own text, the steps give the gradients printed in the table below them."""
    if report.reverse is None or report.reverse.steps[0].cotangent is None:
        return
    root = parsed(figure(report, "trace", precision=6, show=("steps", "gradients")))
    sums, sizes = replayed(root)
    rows = {(row.get("id") or "").removeprefix("fig-1-row-"): row for row in root.iter("tr")}
    for node, total in sums.items():
        printed = float(words(rows[node][4]).split(" ")[0])
        assert printed == pytest.approx(total, abs=1e-5 * (sizes[node] + abs(printed)))
