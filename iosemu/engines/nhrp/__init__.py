"""Next hop resolution over a multipoint tunnel (RFC 2332), with the redirects and shortcuts of DMVPN phase 3."""
