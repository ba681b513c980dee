"""Tape and reverse pass, described without arrays. Nothing is imported here: the model stays light."""
