"""The colours of every figure, once: for style sheets, stand-alone files, PDF and DOT.

Layer `render`; plain data. Hues are those of Okabe and Ito ("Color Universal Design", 2008), darkened for
lines and letters and paled for fills, so that text keeps a contrast of 4.5 : 1 on every fill.
Read next: `styles.py`.
"""

from __future__ import annotations

from typing import Final

Palette = dict[str, str]
"""Role -> colour; in a style sheet the role is the custom property `--tape-<role>`."""

LIGHT: Final[Palette] = {
    "paper": "#ffffff",
    "ink": "#1b1f24",
    "muted": "#545d67",
    "line": "#66707b",
    "line-soft": "#949ea8",
    "scope-fill": "#edf1f6",
    "scope-odd": "#f6f0e6",
    "scope-line": "#d3d9df",
    "badge-ink": "#ffffff",
    "accent": "#8f3a72",
    "accent-fill": "#f8e6f1",
    "leaf-fill": "#e9f2fa",
    "leaf-line": "#3d7bb0",
    "constant-fill": "#f1f3f5",
    "constant-line": "#98a2ac",
    "op-fill": "#ffffff",
    "op-line": "#7d8893",
    "output-fill": "#dcecf8",
    "output-line": "#005f99",
    "gradient-fill": "#e2f4ec",
    "gradient-line": "#00694d",
    "zero-fill": "#fdf2cd",
    "zero-line": "#7a5600",
    "missing-fill": "#fde6da",
    "missing-line": "#a63f00",
    "not-asked-fill": "#f1f3f5",
    "not-asked-line": "#5f6973",
    "failed-fill": "#fbe2e8",
    "failed-line": "#a3123f",
}
DARK: Final[Palette] = {
    "paper": "#16191d",
    "ink": "#e8ebee",
    "muted": "#a9b3bd",
    "line": "#8b96a2",
    "line-soft": "#6b7681",
    "scope-fill": "#20262e",
    "scope-odd": "#2b2620",
    "scope-line": "#373f48",
    "badge-ink": "#101316",
    "accent": "#e09bc6",
    "accent-fill": "#40213a",
    "leaf-fill": "#172a3b",
    "leaf-line": "#5fa8dc",
    "constant-fill": "#24282d",
    "constant-line": "#6d7782",
    "op-fill": "#1f242a",
    "op-line": "#77838f",
    "output-fill": "#12334f",
    "output-line": "#6cbcf0",
    "gradient-fill": "#10352a",
    "gradient-line": "#3fcaa0",
    "zero-fill": "#3a2f0e",
    "zero-line": "#e8bd4a",
    "missing-fill": "#442212",
    "missing-line": "#f59668",
    "not-asked-fill": "#24282d",
    "not-asked-line": "#98a2ac",
    "failed-fill": "#431b27",
    "failed-line": "#f58ca6",
}
PRINT: Final[Palette] = LIGHT | {
    "ink": "#000000",
    "muted": "#40474f",
    "line": "#4d565f",
    "line-soft": "#7d8791",
    "scope-fill": "#f0f3f7",
}
# Where a reader forces colours, HTML is recoloured by the browser; only what SVG paints needs telling.
# Shapes, letters and lines carry everything then.
FORCED: Final[Palette] = {
    "paper": "Canvas",
    "scope-fill": "Canvas",
    "scope-odd": "Canvas",
    "op-fill": "Canvas",
    "badge-ink": "Canvas",
    "accent": "Highlight",
    "fill": "Canvas",
    "stroke": "CanvasText",
} | dict.fromkeys(
    (
        "ink",
        "muted",
        "line",
        "line-soft",
        "op-line",
        "scope-line",
        "output-line",
        "gradient-line",
        "missing-line",
        "failed-line",
    ),
    "CanvasText",
)

# Furo says `data-theme` on the body, `auto` meaning the system's choice, and without scripts nothing at all
# but `no-js`; pydata-sphinx-theme and sphinx-book-theme say it on the root element. Themes that never turn
# dark (alabaster, sphinx_rtd_theme) say nothing: a dark system alone must not darken the figures there.
_DARK_SAID: Final = 'html[data-theme="dark"],body[data-theme="dark"]'
_DARK_SYSTEM: Final = 'html[data-theme="auto"],body[data-theme="auto"],.no-js body:not([data-theme])'
# Dark grounds differ from theme to theme; on a theme's own ground the drawing has no visible edge.
_DARK_PAPER: Final = f"var(--pst-color-background,var(--color-background-primary,{DARK['paper']}))"
_EVERYWHERE: Final = ":root,html[data-theme],body[data-theme],.no-js body:not([data-theme])"


def properties_css() -> str:
    """Write the colours as custom properties for all schemes.

    Returns:
        CSS rules; authors override a role by setting `--tape-<role>` later.
    """
    dark = DARK | {"paper": _DARK_PAPER}
    darker = {role: colour for role, colour in PRINT.items() if colour != LIGHT[role]}
    return "\n".join(
        [
            _rule(":root", LIGHT),
            _media("screen", _rule(_DARK_SAID, dark)),
            _media("screen and (prefers-color-scheme: dark)", _rule(_DARK_SYSTEM, dark)),
            _media("print", _rule(_EVERYWHERE, darker)),
            _media("(forced-colors: active)", _rule(f"{_EVERYWHERE},.tape-graph .tape-nodes>*", FORCED)),
        ]
    )


def standalone_css() -> str:
    """Write the colours for an image of its own, which only knows the system's choice."""
    return "\n".join(
        [_rule(":root", LIGHT), _media("screen and (prefers-color-scheme: dark)", _rule(":root", DARK))]
    )


def rgb(colour: str) -> tuple[int, int, int]:
    """Split `#rrggbb` into its parts, 0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def contrast(one: str, other: str) -> float:
    """Compute the contrast ratio of two colours (WCAG 2.2, definition of contrast ratio)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(part / 255) for part in rgb(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _rule(selector: str, palette: Palette) -> str:
    """Write a rule in short form: it travels with every page."""
    return f"{selector}{{{';'.join(f'--tape-{role}:{colour}' for role, colour in palette.items())}}}"


def _media(query: str, rule: str) -> str:
    return f"@media {query}{{{rule}}}"
