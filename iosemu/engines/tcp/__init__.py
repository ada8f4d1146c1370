"""One TCP connection without I/O (RFC 9293): segments and `now` go in; segments, timers and events come out."""
