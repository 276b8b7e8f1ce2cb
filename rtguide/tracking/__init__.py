"""Trackers: needle, structures, and the state machine that joins them."""
