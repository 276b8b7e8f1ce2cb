"""The only Numba: arrays in, arrays out."""
