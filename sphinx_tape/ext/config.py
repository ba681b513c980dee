"""The `tape_*` settings: declared once, checked once, documented from the same place.

Layer `ext`. Reads Sphinx's configuration, makes a `TapeConfig`; every other module reads only that.
Read next: `options.py` (the same idea for one figure), `extension.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

from sphinx_tape.ext import messages
from sphinx_tape.render.options import Part, View, parts_named

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config

Validator = Callable[[Any], Any]
"""Returns the value to use, or raises `ValueError` with the rule that was broken."""

PREFIX = "tape_"


def _number(rule: str, low: float, *, whole: bool, high: float = 1e15) -> Validator:
    """Return a validator for a number in a range; text is read, for `sphinx-build -D`."""

    def check(value: Any) -> float:  # noqa: ANN401 -- conf.py may hold anything
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise ValueError(rule)  # noqa: TRY004 -- one kind of error for every broken rule
        try:
            number = int(value) if whole and not isinstance(value, float) else float(value)
        except (ValueError, OverflowError):
            raise ValueError(rule) from None
        # NaN compares false, so it is refused by the same test.
        if not low <= number <= high or (whole and number != int(number)):
            raise ValueError(rule)
        return int(number) if whole else number

    return check


def _choice(*allowed: str) -> Validator:
    """Return a validator for one of some words."""

    def check(value: Any) -> Any:  # noqa: ANN401 -- conf.py may hold anything
        if not isinstance(value, str) or value not in allowed:
            raise ValueError("one of " + ", ".join(allowed))
        return value

    return check


def _switch(value: Any) -> bool:  # noqa: ANN401 -- conf.py may hold anything
    """Accept a bool, and the texts that `sphinx-build -D` hands over."""
    meanings = {"0": False, "false": False, "1": True, "true": True}
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in meanings:
        return meanings[value.lower()]
    message = "True or False"
    raise ValueError(message)


def _text(value: Any) -> str:  # noqa: ANN401 -- conf.py may hold anything
    """Accept text (or a path)."""
    if isinstance(value, str) or hasattr(value, "__fspath__"):
        return str(value)
    message = "text"
    raise ValueError(message)


def _texts(value: Any) -> tuple[str, ...]:  # noqa: ANN401 -- conf.py may hold anything
    """Accept a list of texts, or one text with commas."""
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, list | tuple):
        message = "a list of texts"
        raise ValueError(message)  # noqa: TRY004 -- one kind of error for every broken rule
    return tuple(_text(item) for item in items if item != "")


class Shown(NamedTuple):
    """Which parts figures show that do not say it; none: what is usual for their directive."""

    view: tuple[Part, ...] = ()
    grads: tuple[Part, ...] = ()
    trace: tuple[Part, ...] = ()


_USUAL = Shown()


def _shown(value: Any) -> Shown:  # noqa: ANN401 -- conf.py may hold anything
    """Accept a dictionary from views to parts, as text or as a list of texts."""
    if not isinstance(value, Mapping) or set(value) - set(Shown._fields):
        message = "a dictionary whose keys are among " + ", ".join(Shown._fields)
        raise ValueError(message)
    parts: dict[str, tuple[Part, ...]] = {}
    for view in get_args(View):
        if view in value:
            try:
                parts[view] = parts_named(view, " ".join(_texts(value[view])))
            except ValueError as fault:
                message = f"{fault}, for {view}"
                raise ValueError(message) from None
    return Shown(**parts)


def _setting(default: Any, validator: Validator, help_text: str) -> Any:  # noqa: ANN401 -- as `field`
    """Declare one setting: the arguments of `dataclasses.field` in our own words."""
    return field(default=default, metadata={"validator": validator, "help": help_text})


@dataclass(frozen=True, slots=True, kw_only=True)
class TapeConfig:
    """All settings, validated. The field `layout` is the setting `tape_layout`."""

    execute: bool = _setting(
        True, _switch, "Run the builders. If False, pages are built with a note in place of each figure."
    )
    path: tuple[str, ...] = _setting(
        (),
        _texts,
        "Folders, relative to the source directory, from which builder modules are imported. The source "
        "directory itself always comes first.",
    )
    builder_modules: tuple[str, ...] = _setting(
        (),
        _texts,
        "Patterns such as `course_tapes.*`. If any are given, only modules that match one of them are run; "
        "an installed library is run only if one of them names it.",
    )
    timeout: float = _setting(
        30.0,
        _number("a number of seconds above 0", 0.001, whole=False),
        "Seconds that one builder may run. The option `timeout` sets it for one figure.",
    )
    memory_limit: int = _setting(
        4096,
        _number("a whole number of megabytes, 0 for no limit", 0, whole=True),
        "Megabytes that one builder may use, where the platform can limit it; 0: no limit.",
    )
    report_limit: int = _setting(
        8,
        _number("a whole number of megabytes, at least 1", 1, whole=True),
        "Largest size in megabytes of what is kept of one figure.",
    )
    check: bool = _setting(
        False,
        _switch,
        "Check the gradients of every `tape-grads` and `tape-trace` by differences, and show a badge. It "
        "takes as long as many forward passes of each tape. The option `check` sets it for one figure.",
    )
    jobs: int = _setting(
        0,
        _number("a whole number, at least 0", 0, whole=True),
        "Worker processes for builders, whatever `sphinx-build -j` says; 0: one per core.",
    )
    store: str = _setting(
        "",
        _text,
        "Folder in which results are kept between builds, relative to the source directory; empty: "
        "beside the doctrees. Keep it between CI runs to execute only what changed.",
    )
    layout: str = _setting(
        "builtin",
        _choice("builtin", "dot", "auto"),
        "What places the nodes of a drawing: `builtin`, `dot` (the Graphviz program) or `auto` (`dot` "
        "where it is installed).",
    )
    dot: str = _setting("dot", _text, "The Graphviz program, a name or a path; used only if `layout` asks.")
    show: Shown = _setting(  # noqa: RUF009 -- a named tuple cannot change either
        _USUAL,
        _shown,
        "Which parts figures show that have no option `show`, by directive: "
        '`{"grads": "graph gradients"}`. The keys are `view`, `grads` and `trace`.',
    )
    direction: str = _setting(
        "auto",
        _choice("auto", "LR", "TB"),
        "Direction of drawings: left to right, top to bottom, or what fits the page.",
    )
    precision: int = _setting(
        4,
        _number("a whole number from 1 to 17", 1, whole=True, high=17),
        "Significant digits of printed numbers.",
    )
    fold: str = _setting(
        "auto",
        _choice("auto", "always", "never"),
        "Whether repeated blocks are drawn once: `auto` (from 61 nodes on), `always` or `never`.",
    )
    max_nodes: int = _setting(
        200,
        _number("a whole number, at least 1", 1, whole=True),
        "Larger tapes are clipped to this many nodes in the page, and the page says so.",
    )
    page_width: int = _setting(
        720,
        _number("a whole number of pixels, at least 100", 100, whole=True),
        "Width in pixels that a drawing should fit into; decides the direction `auto`.",
    )


class SettingDescription(NamedTuple):
    """One row of the settings reference."""

    name: str
    default: object
    help: str


def describe_settings() -> tuple[SettingDescription, ...]:
    """Return what the reference page prints, in the order of the declaration."""
    return tuple(
        SettingDescription(PREFIX + item.name, _plain(item.default), item.metadata["help"])
        for item in fields(TapeConfig)
    )


def register_settings(app: Sphinx) -> None:
    """Tell Sphinx about every setting.

    `rebuild` is empty for all: which pages to rewrite is decided from what a figure shows
    (`freshness.py`), so that no change of a setting has to re-read a page. The type is `Any`: the check
    below is the only one, and it also accepts the texts of `sphinx-build -D`.
    """
    for setting in describe_settings():
        app.add_config_value(setting.name, setting.default, "", types=Any, description=setting.help)


def read_settings(config: Config, *, silent: bool = False) -> TapeConfig:
    """Return the validated settings; a value that is not allowed is warned about and replaced.

    Args:
        config: Sphinx's configuration.
        silent: Whether nothing is said, because the settings are read once more.
    """
    return TapeConfig(
        **{
            item.name: _checked(item, config[PREFIX + item.name], silent=silent)
            for item in fields(TapeConfig)
        }
    )


def store_folder(app: Sphinx, config: TapeConfig) -> Path:
    """Return where a project keeps its results."""
    return Path(app.srcdir) / config.store if config.store else Path(app.doctreedir) / "tape" / "store"


def _checked(item: Any, value: Any, *, silent: bool) -> Any:  # noqa: ANN401 -- a dataclass field and any value of conf.py
    """Return the value to use for one setting."""
    try:
        return item.metadata["validator"](value)
    except ValueError as fault:
        default = _plain(item.default)
        message = (
            f"setting {PREFIX}{item.name} must be {fault} (got {value!r}); the default {default!r} is used"
        )
        if not silent:
            messages.warn(messages.Subtype.CONFIG, message)
        return item.default


def _plain(default: object) -> object:
    """Return a default in the form of conf.py: lists and dictionaries, not tuples."""
    if isinstance(default, Shown):
        return {view: " ".join(parts) for view, parts in default._asdict().items() if parts}
    return list(default) if isinstance(default, tuple) else default
