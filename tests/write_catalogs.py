"""Bring the message catalogs up to date: `python -m tests.write_catalogs`.

Collects every string that the package says through `_`, merges it into each `.po` file and compiles that.
New strings are left empty for a translator; `tests/render/test_catalogs.py` fails until they are filled.
"""

from __future__ import annotations

import ast
import struct
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from sphinx_tape.render.messages import DOMAIN, LOCALES

PACKAGE = LOCALES.parent


def messages() -> dict[str, list[tuple[str, int]]]:
    """Collect every translatable string with the places where it is said, in the order of the files."""
    found: dict[str, list[tuple[str, int]]] = {}
    for file in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_":
                (argument,) = node.args
                place = (file.relative_to(PACKAGE).as_posix(), node.lineno)
                found.setdefault(str(ast.literal_eval(argument)), []).append(place)
    return found


def languages() -> list[str]:
    """Name the languages that have a catalog."""
    return sorted(folder.name for folder in LOCALES.iterdir() if folder.is_dir())


def po_file(language: str) -> Path:
    """Locate the catalog that translators edit."""
    return LOCALES / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def read(language: str) -> Catalog:
    """Read a catalog."""
    with po_file(language).open("rb") as source:
        return read_po(source, locale=language)


def compiled(catalog: Catalog) -> bytes:
    """Compile a catalog for `gettext` (its manual, "The Format of GNU MO Files").

    Babel's own writer adds the time and its version to the header.
    """
    texts = {"": "Content-Type: text/plain; charset=utf-8\n"}
    texts |= {str(message.id): str(message.string) for message in catalog if message.id and message.string}
    ordered = sorted((key.encode(), text.encode()) for key, text in texts.items())
    keys, values = (b"\0".join(side) + b"\0" for side in zip(*ordered, strict=True))
    count = len(ordered)
    start = 28 + 16 * count
    tables = [0x950412DE, 0, count, 28, 28 + 8 * count, 0, start]
    for side, offset in ((0, start), (1, start + len(keys))):
        at = offset
        for pair in ordered:
            tables += [len(pair[side]), at]
            at += len(pair[side]) + 1
    return struct.pack(f"<{len(tables)}I", *tables) + keys + values


def merged(old: Catalog, found: dict[str, list[tuple[str, int]]]) -> Catalog:
    """Keep the translations of strings that are still said, add the new ones, drop the others."""
    new = Catalog(locale=old.locale, domain=DOMAIN, header_comment=old.header_comment, fuzzy=False)
    for message, places in sorted(found.items()):
        known = old.get(message)
        files = sorted({file for file, _line in places})
        # Without line numbers: they would change with every edit of the source.
        new.add(message, known.string if known else "", locations=[(file, 0) for file in files])
    return new


def write(language: str, catalog: Catalog) -> None:
    """Write a catalog in both forms, the same bytes at any time on any machine."""
    target = BytesIO()
    write_po(target, catalog, include_lineno=False, width=110, omit_header=True)
    head = f'msgid ""\nmsgstr ""\n"Language: {language}\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
    po_file(language).write_bytes(head.encode() + target.getvalue())
    po_file(language).with_suffix(".mo").write_bytes(compiled(read(language)))


def main() -> None:
    """Update every catalog."""
    found = messages()
    for language in languages():
        write(language, merged(read(language), found))


if __name__ == "__main__":
    main()
