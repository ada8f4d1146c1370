"""The key servers of a router."""
