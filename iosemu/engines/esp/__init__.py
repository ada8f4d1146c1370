"""The ESP engine of group members (RFC 4301, 4303, 5374): tunnel mode with address preservation."""
