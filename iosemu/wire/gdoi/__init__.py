"""GDOI payloads (RFC 6407 section 5, RFC 8263)."""
