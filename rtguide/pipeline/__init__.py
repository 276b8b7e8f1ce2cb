"""The way of a frame: slots, threads, and the engine they share."""
