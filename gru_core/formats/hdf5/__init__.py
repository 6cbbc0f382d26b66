"""HDF5 read by ourselves, strictly: no filter, link or second file is ever followed."""
