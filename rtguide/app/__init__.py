"""The composition root: command line, plug-ins, doctor, bench."""
