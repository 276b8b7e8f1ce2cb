"""Needle, structures and plan to Guidance, and the gates that withhold it."""
