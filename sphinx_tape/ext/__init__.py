"""Sphinx and docutils meet the rest here, and only here."""
