"""The shell: everything that knows the network, the clock or the disk."""
