"""One package per IOS feature: config block, commands, running-config lines, shows and service, side by side."""
