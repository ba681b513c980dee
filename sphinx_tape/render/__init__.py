"""Report to string: drawings, tables, text. Reads `report.model` only; no NumPy, no Sphinx."""
