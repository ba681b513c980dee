"""Running builders outside the Sphinx process. Nothing is imported here: the worker alone loads NumPy."""
