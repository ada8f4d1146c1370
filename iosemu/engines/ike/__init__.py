"""IKEv1 phase 1 (RFC 2408, RFC 2409)."""
