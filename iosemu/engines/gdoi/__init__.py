"""The Group Domain of Interpretation (RFC 6407): key server and group member."""
