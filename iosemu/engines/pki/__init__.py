"""Public key infrastructure: SCEP (RFC 8894) as client and server, a certification authority, validation of chains."""
