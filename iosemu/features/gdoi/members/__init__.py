"""The group members of a router."""
