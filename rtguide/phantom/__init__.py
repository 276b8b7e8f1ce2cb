"""The simulated patient: anatomy, needle, speckle image formation, exact truth."""
