"""Write the generated part of the style sheet anew: `python -m tests.write_drawing_css`.

`tests/render/test_palette.py` fails as long as the style sheet and the tables differ.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sphinx_tape.render.styles import page_css

SHEET: Final = Path(__file__).resolve().parents[1] / "sphinx_tape" / "static" / "tape.css"
BEGIN: Final = (
    "/* ===== colours and drawing: generated from render/palette.py and render/styles.py ===== */\n"
)
END: Final = "/* ===== end of the generated part ===== */\n"


def generated_part(sheet: str) -> str:
    """Cut the generated part out of a style sheet."""
    return sheet.partition(BEGIN)[2].partition(END)[0]


def main() -> None:
    """Replace the generated part, and nothing else."""
    sheet = SHEET.read_text(encoding="utf-8") if SHEET.exists() else BEGIN + END
    before, _, rest = sheet.partition(BEGIN)
    SHEET.write_text(before + BEGIN + page_css() + "\n" + END + rest.partition(END)[2], encoding="utf-8")


if __name__ == "__main__":
    main()
