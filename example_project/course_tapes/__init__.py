"""The tapes that the notes show: ordinary functions, nothing of Sphinx in them.

Each module belongs to one chapter; each function returns the output of one small computation.
"""
