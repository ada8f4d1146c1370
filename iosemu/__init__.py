"""A Cisco-IOS-style router emulator with a real GET VPN (GDOI, RFC 6407)."""

__version__ = "0.1.0"
