"""Judging a tracker: cases with truth, the scorer and its figures, a baseline, the matrix of clips, reports."""
