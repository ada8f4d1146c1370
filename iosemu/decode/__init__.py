"""Explaining and verifying captures."""
