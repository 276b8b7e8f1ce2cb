"""The window and the painter: the only Qt and pyqtgraph."""
