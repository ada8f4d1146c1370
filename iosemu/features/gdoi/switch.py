"""Whether GDOI runs on a router: `%CRYPTO-6-GDOI_ON_OFF`."""

from __future__ import annotations

from iosemu.router.router import Router


class GdoiSwitch:
    """A service; key servers and members say whether they need GDOI, and the log tells when that changes."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self._users: set[str] = set()
        self._told = False

    def reconcile(self) -> None:
        """The roles know; at the boot it is off."""
        if not self._told:
            self._told = True
            self._router.syslog.log("CRYPTO", 6, "GDOI_ON_OFF", "GDOI is OFF")

    def stop(self) -> None:
        """Nothing runs."""

    def need(self, user: str, needed: bool) -> None:
        """One of the roles needs GDOI, or does not any more."""
        before = bool(self._users)
        if needed:
            self._users.add(user)
        else:
            self._users.discard(user)
        if bool(self._users) != before:
            state = "OFF" if before else "ON"
            self._router.syslog.log("CRYPTO", 6, "GDOI_ON_OFF", f"GDOI is {state}")
