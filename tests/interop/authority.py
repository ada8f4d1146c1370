"""A certification authority made by OpenSSL, and the certificates of both ends."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.interop.netns import check
from tests.requirements import require

# Kinds of keys, and the words by which OpenSSL makes them. RSA keys are as large as that their messages need fragments.
KEYS = {
    "rsa": ("RSA", "rsa_keygen_bits:3072"),
    "ec256": ("EC", "ec_paramgen_curve:P-256"),
    "ec384": ("EC", "ec_paramgen_curve:P-384"),
    "ec521": ("EC", "ec_paramgen_curve:P-521"),
}
# An export of a router is sealed by a password, and so is what it takes.
PASSWORD = "interop-123"


@dataclass(frozen=True, slots=True)
class Authority:
    """A CA with its files in a folder."""

    folder: Path

    @classmethod
    def make(cls, folder: Path) -> Authority:
        """A new one."""
        require("openssl")
        folder.mkdir(parents=True, exist_ok=True)
        made = cls(folder)
        made._make_key("ca", "rsa_keygen_bits:2048", "RSA")
        subject = ("-subj", "/O=Example/CN=Interop CA", "-days", "30")
        check("openssl", "req", "-x509", "-new", "-key", made.path("ca.key"), "-out", made.path("ca.pem"), *subject)
        return made

    def path(self, name: str) -> str:
        """Where a file is."""
        return str(self.folder / name)

    def read(self, name: str) -> str:
        """The text of a file."""
        return (self.folder / name).read_text()

    def issue(self, name: str, kind: str, address: str) -> None:
        """A key and a certificate for an address and a host name, as NAME.key and NAME.pem."""
        algorithm, option = KEYS[kind]
        self._make_key(name, option, algorithm)
        request, extensions = self.path(f"{name}.csr"), self.folder / f"{name}.ext"
        extensions.write_text(f"subjectAltName=IP:{address},DNS:{name}.example\nkeyUsage=digitalSignature\n")
        subject = ("-subj", f"/O=Example/CN={name}")
        check("openssl", "req", "-new", "-key", self.path(f"{name}.key"), "-out", request, *subject)
        signer = ("-CA", self.path("ca.pem"), "-CAkey", self.path("ca.key"), "-CAcreateserial", "-days", "20")
        output = ("-extfile", str(extensions), "-out", self.path(f"{name}.pem"))
        check("openssl", "x509", "-req", "-in", request, *signer, *output)

    def sealed_key(self, name: str) -> str:
        """A private key as PEM that is encrypted under PASSWORD."""
        words = ("-topk8", "-v2", "des3", "-passout", f"pass:{PASSWORD}")
        return check("openssl", "pkcs8", *words, "-in", self.path(f"{name}.key"))

    def bundle(self, name: str, path: Path) -> None:
        """Key, certificate and the CA's certificate as PKCS #12 under PASSWORD."""
        files = ("-inkey", self.path(f"{name}.key"), "-in", self.path(f"{name}.pem"), "-certfile", self.path("ca.pem"))
        check("openssl", "pkcs12", "-export", *files, "-passout", f"pass:{PASSWORD}", "-out", str(path))

    def _make_key(self, name: str, option: str, algorithm: str) -> None:
        check("openssl", "genpkey", "-algorithm", algorithm, "-pkeyopt", option, "-out", self.path(f"{name}.key"))
