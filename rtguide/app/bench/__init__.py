"""`rtguide bench`: figures, measured beside a yardstick in the same run. Never a pass or a fail."""
