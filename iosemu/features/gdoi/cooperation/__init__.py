"""The cooperation of this router's key servers with others."""
