"""IGMP without I/O: a host in groups, and a router that asks who is in which (RFC 2236, RFC 3376)."""
