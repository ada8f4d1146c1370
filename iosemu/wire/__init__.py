"""Bytes to dataclasses and back. Malformed input raises `WireError` and nothing else."""
