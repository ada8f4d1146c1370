"""Forwarding between the devices of the host in a thread of its own, with encryption, in batches."""
