"""Protocol machines without I/O: datagrams and `now` go in; datagrams, timers and events come out."""
