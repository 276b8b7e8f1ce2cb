"""Judging a tracker: cases with truth, the scorer, its figures."""
