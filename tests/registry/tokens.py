"""A token of a test's own, in SoftHSM."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import PyKCS11
import pytest
from asn1crypto.keys import NamedCurve

from mergeline.process import run

ROOT = Path(__file__).parents[2]
LABEL, PIN = "releases", "correct horse;1?&"


@dataclass(frozen=True)
class Token:
    """A token with keys of each kind.

    Attributes:
        module: the file of SoftHSM's module.
    """

    module: str

    def uri(self, name: str, token: str = LABEL) -> str:
        """Name a key in it."""
        return f"pkcs11:token={token};object={name}?module-path={self.module}"


def make_token(folder: Path) -> Token:
    """Make a token with the keys p256, p384, p521 (also by the ids 01, 02, 03), k1 and rsa.

    SoftHSM must find its settings in the environment as long as the token is used.
    """
    done = run([str(ROOT / "scripts/get-softhsm")], timeout=300)
    if done.status:
        reason = f"scripts/get-softhsm found none: {done.stderr.strip()}"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    (folder / "tokens").mkdir()
    settings = folder / "softhsm2.conf"
    settings.write_text(f"directories.tokendir = {folder / 'tokens'}\n")
    os.environ["SOFTHSM2_CONF"] = str(settings)
    token = Token(done.stdout.strip())
    library = PyKCS11.PyKCS11Lib()
    library.load(token.module)
    slot = library.getSlotList()[0]
    # PKCS#11 pads labels with spaces.
    library.initToken(slot, "officer", f"{LABEL:<32}")
    slot = next(one for one in library.getSlotList() if _label(library, one) == LABEL)
    session = library.openSession(slot, PyKCS11.CKF_SERIAL_SESSION | PyKCS11.CKF_RW_SESSION)
    session.login("officer", PyKCS11.CKU_SO)
    session.initPin(PIN)
    session.logout()
    session.login(PIN)
    curves = {"p256": "secp256r1", "p384": "secp384r1", "p521": "secp521r1", "k1": "secp256k1"}
    for number, (name, curve) in enumerate(curves.items(), 1):
        parameters = NamedCurve(curve).dump()
        public = [*_common(name, number), (PyKCS11.CKA_EC_PARAMS, parameters)]
        session.generateKeyPair(
            public, _private(name, number), mecha=PyKCS11.MechanismECGENERATEKEYPAIR
        )
    bits = [(PyKCS11.CKA_MODULUS_BITS, 2048), (PyKCS11.CKA_PUBLIC_EXPONENT, (1, 0, 1))]
    session.generateKeyPair([*_common("rsa", 9), *bits], _private("rsa", 9))
    session.logout()
    session.closeSession()
    return token


def _label(library: PyKCS11.PyKCS11Lib, slot: int) -> str:
    return library.getTokenInfo(slot).label.strip()


def _common(name: str, number: int) -> list[tuple]:
    return [
        (PyKCS11.CKA_TOKEN, PyKCS11.CK_TRUE),
        (PyKCS11.CKA_LABEL, name),
        (PyKCS11.CKA_ID, (number,)),
    ]


def _private(name: str, number: int) -> list[tuple]:
    return [
        *_common(name, number),
        (PyKCS11.CKA_PRIVATE, PyKCS11.CK_TRUE),
        (PyKCS11.CKA_SENSITIVE, PyKCS11.CK_TRUE),
        (PyKCS11.CKA_EXTRACTABLE, PyKCS11.CK_FALSE),
        (PyKCS11.CKA_SIGN, PyKCS11.CK_TRUE),
    ]
