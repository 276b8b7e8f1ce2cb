"""Frozen values that cross threads and files. NumPy only; they import nothing of rtguide but its errors."""
