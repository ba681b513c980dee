"""The engine: tape, primitives, reverse pass. NumPy only."""
