"""Work that must not be done where the pages are made: sent to worker processes, or to a cluster."""
