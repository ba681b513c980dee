"""How each part of a drawing is painted: one table for style sheets, stand-alone files and PDF.

Layer `render`; plain data. A part is named by the class it has in SVG (`tape-box`); its fill and line are
roles of `palette.py`.
Read next: `scene.py`.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple, get_args

from sphinx_tape.render.boxes import FONT_SIZES
from sphinx_tape.render.looks import LOOKS, Look, NodeKind
from sphinx_tape.render.palette import properties_css, standalone_css

Part = Literal[
    "scope",
    "patch",
    "patch-odd",
    "band",
    "band-odd",
    "line",
    "arrow",
    "back",
    "trunk",
    "cut-line",
    "halo",
    "scissors",
    "stub",
    "box",
    "rim",
    "badge",
]
"""What a shape is a part of."""

FONT_STACK: Final = (
    'ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace'
)


class Paint(NamedTuple):
    """Fill and line of a shape: roles of the palette.

    `look-` stands for the look of the node, `edge` for the line of the edge that the shape belongs to.
    """

    fill: str = ""
    line: str = ""
    width: int = 12
    """Tenths of a pixel."""
    dash: tuple[int, ...] = ()
    """Tenths of a pixel, on and off."""


PAINTS: Final[dict[Part, Paint]] = {
    "scope": Paint(fill="scope-fill", line="scope-line", width=10),
    "patch": Paint(fill="scope-fill"),
    "patch-odd": Paint(fill="scope-odd"),
    "band": Paint(line="scope-fill", width=120),
    "band-odd": Paint(line="scope-odd", width=120),
    "line": Paint(line="edge", width=13),
    "arrow": Paint(fill="edge"),
    "back": Paint(fill="accent"),
    "trunk": Paint(line="edge", width=13),
    "cut-line": Paint(line="missing-line", width=14, dash=(50, 35)),
    "halo": Paint(fill="paper"),
    "scissors": Paint(line="missing-line", width=13),
    "stub": Paint(line="line", width=16, dash=(15, 30)),
    "box": Paint(fill="look-fill", line="look-line", width=12),
    "rim": Paint(line="look-line", width=10),
    "badge": Paint(fill="look-line"),
}
LIT_ONLY: Final[frozenset[Part]] = frozenset({"back", "trunk"})
"""Parts that are hidden until a page lights their edge."""
BOX_WIDTHS: Final[dict[Look, int]] = {
    "output": 16,
    "gradient": 14,
    "zero": 14,
    "missing": 16,
    "not_asked": 12,
    "failed": 20,
}
"""Line widths of boxes that are not the common one."""
BOX_DASHES: Final[dict[Look, tuple[int, ...]]] = {"missing": (60, 30), "not_asked": (20, 20)}
EDGE_LINES: Final[dict[str, str]] = {
    "leaf": "line-soft",
    "gradient": "gradient-line",
    "seed": "output-line",
    "cut": "missing-line",
}
"""Line role of edges by kind; `line` for all others."""
COMMON_SIZE: Final = 120
"""Of texts that say nothing else, tenths of a pixel."""
TEXT_ROLES: Final = {
    "name": "ink",
    "title": "ink",
    "value": "ink",
    "op": "muted",
    "id": "muted",
    "grad": "muted",
    "gradient": "look-line",
    "alarm": "failed-line",
    "badge": "badge-ink",
    "letter": "missing-line",
    "scope": "muted",
    "key": "ink",
}
"""Colour role of each kind of text."""
CENTRED: Final = frozenset({"badge", "letter"})
"""Texts that stand in the middle of their place."""
BOLD: Final = frozenset({"name", "badge", "letter", "gradient", "alarm"})
SIZES: Final[dict[str, int]] = {
    **{str(role): size for role, size in FONT_SIZES.items()},
    "badge": 90,
    "letter": 95,
    "scope": 105,
    "key": 110,
}
"""Font sizes of all texts, tenths of a pixel."""


def role_of(template: str, look: Look, edge: str = "") -> str:
    """Resolve a role: `look-fill` of a leaf is `leaf-fill`, `edge` of a seed's arrow is `output-line`."""
    if template == "edge":
        return EDGE_LINES.get(edge, "line")
    return (
        template.replace("look-", f"{look.replace('_', '-')}-", 1)
        if template.startswith("look-")
        else template
    )


def drawing_css() -> str:
    """Write the rules that paint a drawing.

    Returns:
        CSS that mentions colours only as custom properties.
    """
    rules = [
        f".tape-graph{{font:{_px(COMMON_SIZE)} {FONT_STACK}}}",
        ".tape-graph text{fill:var(--tape-ink);stroke:none;white-space:pre}",
        *(_look_rule(look) for look in LOOKS),
        *_rules({_selector(part): _paint_css(paint) for part, paint in PAINTS.items()}),
        *(f".tape-edge-{kind}{{--tape-edge:{_var(role)}}}" for kind, role in EDGE_LINES.items()),
        *_rules(_terse_css() | {f".tape-graph .tape-text-{role}": _text_css(role) for role in TEXT_ROLES}),
    ]
    return "\n".join(rules)


def _terse_css() -> dict[str, str]:
    """Tell the texts of a box apart by their order, where `svg.py` writes them without classes.

    The first one is an id with an operation, or with a name and an operation; then come values and gradients.
    """
    rules = {
        "tspan": "id",
        "tspan+tspan": "name",
        "text+text tspan": "grad",
        "text+text tspan+tspan": "gradient",
    }
    after_name = {".tape-terse tspan+tspan+tspan": f"{_text_css('op', whole=True)};font-weight:400"}
    return after_name | {f".tape-terse {p}": _text_css(role, whole=True) for p, role in rules.items()}


def _rules(bodies: dict[str, str]) -> list[str]:
    """Write rules, those that say the same as one; of any two that differ, the more specific one wins."""
    selectors: dict[str, list[str]] = {}
    for selector, body in bodies.items():
        selectors.setdefault(body, []).append(selector)
    return [f"{','.join(names)}{{{body}}}" for body, names in selectors.items() if body]


def page_css() -> str:
    """Write the part of the page's style sheet that is generated: colours and drawing."""
    return f"{properties_css()}\n{drawing_css()}"


def image_css() -> str:
    """Write the style sheet inside a stand-alone SVG."""
    return f"{standalone_css()}\n{drawing_css()}"


def _look_rule(look: Look) -> str:
    name = look.replace("_", "-")
    extra = f";--tape-box-width:{_px(BOX_WIDTHS[look])}" if look in BOX_WIDTHS else ""
    dash = f";--tape-box-dash:{_dashes(BOX_DASHES[look])}" if look in BOX_DASHES else ""
    colours = f"--tape-fill:{_var(name + '-fill')};--tape-stroke:{_var(name + '-line')}"
    # States stand after kinds in `LOOKS`, so of two rules with equal weight the state's wins.
    group = "kind" if look in get_args(NodeKind) else "state"
    return f".tape-{group}-{name}{{{colours}{extra}{dash}}}"


def _selector(part: Part) -> str:
    """Name a part by its class; the box of a node has none, and its rim and its badge are no boxes."""
    of_nodes = {"box": "rect", "rim": ".tape-rim", "badge": ".tape-badge"}
    return f".tape-nodes {of_nodes[part]}" if part in of_nodes else f".tape-{part}"


def _paint_css(paint: Paint) -> str:
    fill = _var(paint.fill) if paint.fill else "none"
    if not paint.line:
        return f"fill:{fill};stroke:none"
    dash = f";stroke-dasharray:{_dashes(paint.dash)}" if paint.dash else ""
    width = _px(paint.width)
    if paint is PAINTS["box"]:
        width = f"var(--tape-box-width,{width})"
        dash = ";stroke-dasharray:var(--tape-box-dash,none)"
    return f"fill:{fill};stroke:{_var(paint.line)};stroke-width:{width}{dash}"


def _text_css(role: str, *, whole: bool = False) -> str:
    """Say only what differs from the text of a drawing in general, or the whole."""
    colour, size = TEXT_ROLES[role], SIZES[role]
    facts = (
        f"fill:{_var(colour)}" if whole or colour != "ink" else "",
        f"font-size:{_px(size)}" if size != COMMON_SIZE else "",
        "font-weight:700" if role in BOLD else "",
        "text-anchor:middle" if role in CENTRED else "",
    )
    return ";".join(fact for fact in facts if fact)


def _var(role: str) -> str:
    special = {
        "look-fill": "var(--tape-fill)",
        "look-line": "var(--tape-stroke)",
        "edge": "var(--tape-edge,var(--tape-line))",
    }
    return special.get(role, f"var(--tape-{role})")


def _px(tenths: int) -> str:
    return f"{tenths / 10:g}px"


def _dashes(dash: tuple[int, ...]) -> str:
    return " ".join(_px(part) for part in dash)
