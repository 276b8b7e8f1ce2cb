"""Ways to learn what the picture is: one file a method, found through the entry points `rtguide.calibrations`."""
