"""What GET VPN tells: system messages, debug output and event traces."""
