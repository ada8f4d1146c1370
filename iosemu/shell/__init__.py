"""Lines that somebody, or a script, types on."""
