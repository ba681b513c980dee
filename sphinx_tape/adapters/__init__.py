"""Foreign graphs -> Tape. Nothing is imported that the user did not import.

Read next: `read.py`.
"""
