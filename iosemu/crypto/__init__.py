"""Suites, Diffie-Hellman, key derivation, RSA and ESP transforms. Only this room imports cryptography libraries."""
