"""Teaching the learned cue: random simulated scenes, their pictures varied beyond the phantom, the network.

`python -m rtguide.training.learn` does it; it needs the extra `rtguide[train]`.
"""
