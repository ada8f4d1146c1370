"""The algorithms of a group's rekeys, by the words of the configuration."""

# The words of `rekey algorithm` with name and key bits of the cipher, and those of `rekey sig-hash`.
CIPHERS = {
    "3des-cbc": ("3des", 0),
    "des-cbc": ("des", 0),
    "aes 128": ("aes", 128),
    "aes 192": ("aes", 192),
    "aes 256": ("aes", 256),
}
HASHES = {"sha": "sha1", "sha256": "sha256", "sha384": "sha384", "sha512": "sha512"}
