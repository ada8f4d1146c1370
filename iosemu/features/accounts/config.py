"""Local users and the enable passwords."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from iosemu.features.accounts.passwords import Secret, encode_7
from iosemu.router.model import Model
from iosemu.router.router import Router
from iosemu.router.running_config import Lines, Place, Section

# Any offset would do; a fixed one keeps the running-config the same each time it is printed.
TYPE_7_OFFSET = 8


@dataclass
class User:
    """A local user; one without a password may come in with none. `secret` tells a hash from a password line."""

    name: str
    privilege: int = 1
    password: Secret | None = None
    secret: bool = False


@dataclass
class Accounts:
    """Users, and the secrets of privilege levels. `level_secrets` are those of levels below 15. `encryption` is
    `service password-encryption` and `new_model` is `aaa new-model`; None until somebody says so. `aes` is `password
    encryption aes`."""

    users: dict[str, User] = field(default_factory=dict)
    enable_secret: Secret | None = None
    level_secrets: dict[int, Secret] = field(default_factory=dict)
    enable_password: Secret | None = None
    encryption: bool | None = None
    new_model: bool | None = None
    aes: bool = False
    min_length: int | None = None

    def hide_passwords(self) -> None:
        """Encrypt what is in the clear."""
        self.enable_password = self.enable_password and hidden(self.enable_password)
        for user in self.users.values():
            user.password = user.password and hidden(user.password)


@runtime_checkable
class PasswordHolder(Protocol):
    """A part of the model that has passwords which `service password-encryption` encrypts."""

    def hide_passwords(self) -> None:
        """Encrypt what is in the clear."""


def check_user(model: Model, name: str, password: str) -> User | None:
    """The user of a name and password, None when they are wrong."""
    user = model.block(Accounts).users.get(name)
    if user is None or user.password is None or not user.password.verify(password):
        return None
    return user


def hidden(secret: Secret) -> Secret:
    """A password as `service password-encryption` keeps it."""
    return Secret(7, encode_7(secret.text, TYPE_7_OFFSET)) if secret.kind == 0 else secret


def stored_text(secret: Secret) -> str:
    """Type and text as the running-config shows them."""
    return f"{secret.kind} {secret.text}"


def _password(secret: Secret) -> str:
    """IOS does not print the 0 of an enable password."""
    return stored_text(secret).removeprefix("0 ")


def _service(router: Router) -> list[Lines]:
    encryption = router.model.block(Accounts).encryption
    return [] if encryption is None else [[f"{'' if encryption else 'no '}service password-encryption"]]


def _length(router: Router) -> list[Lines]:
    length = router.model.block(Accounts).min_length
    return [] if length is None else [[f"security passwords min-length {length}"]]


def _enable(router: Router) -> list[Lines]:
    accounts = router.model.block(Accounts)
    lines = []
    if accounts.enable_secret:
        lines.append(f"enable secret {stored_text(accounts.enable_secret)}")
    for level, secret in sorted(accounts.level_secrets.items()):
        lines.append(f"enable secret level {level} {stored_text(secret)}")
    if accounts.enable_password:
        lines.append(f"enable password {_password(accounts.enable_password)}")
    return [lines]


def _users(router: Router) -> list[Lines]:
    accounts = router.model.block(Accounts)
    lines = []
    for user in accounts.users.values():
        words = ["username", user.name]
        words += ["privilege", str(user.privilege)] if user.privilege != 1 else []
        if user.password:
            words += ["secret" if user.secret else "password", stored_text(user.password)]
        lines.append(" ".join(words))
    return [lines]


SECTIONS = (
    Section(Place.VERSION, _service, 55),
    Section(Place.ENABLE, _length, 40),
    Section(Place.ENABLE, _enable),
    Section(Place.USERNAME, _users),
)
