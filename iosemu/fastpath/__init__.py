"""Forwarding between the devices of the host in processes of its own, with encryption, in batches."""
