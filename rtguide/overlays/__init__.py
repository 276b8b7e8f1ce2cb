"""Scene to shapes in image pixels. No Qt."""
