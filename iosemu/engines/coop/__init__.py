"""Cooperative key servers: election, announcements, one set of keys and members for several servers."""
