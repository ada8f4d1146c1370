"""PIM without I/O: sparse mode (RFC 7761), dense mode (RFC 3973), and which packets go where."""
