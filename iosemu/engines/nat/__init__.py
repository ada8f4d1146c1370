"""Network address translation of IPv4 (RFC 2663, RFC 3022, RFC 5508)."""
