"""Point-to-point IPsec: quick mode (RFC 2409 section 5.5), and the SAs that it makes (RFC 4301, 4303)."""
