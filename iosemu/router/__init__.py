"""One router's kernel: model, reconciler, interfaces, forwarding path, clock, syslog, NVRAM. It knows no feature."""
