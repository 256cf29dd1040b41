"""Which SLSA Build level is claimed, and that none is where nothing shows it."""

from __future__ import annotations

import base64
import datetime
import json

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from mergeline.pipeline.confined import JOBS_APART, ONE_MACHINE
from mergeline.promotion.build_level import build_level
from mergeline.promotion.statement import LOCAL_BUILDER
from mergeline.registry.signing import Witnessed, witnessed
from mergeline.registry.trust import Signer

REPOSITORY = "https://github.com/acme/models"
WORKFLOW = f"{REPOSITORY}/.github/workflows/release.yml@refs/heads/main"
HERE = f"{REPOSITORY}/.github/workflows/release-model.yml@refs/heads/main"
ELSEWHERE = "https://github.com/acme/platform/.github/workflows/release-model.yml@refs/tags/v3"
ISSUER = "https://token.actions.githubusercontent.com"
KEY = Signer(name="key", public_key="PEM")


def keyless(identity: str) -> Signer:
    return Signer(name="workflow", identity=identity, issuer=ISSUER)


def statement(builder: str = WORKFLOW, runs: str | None = JOBS_APART) -> dict:
    inner = {} if runs is None else {"isolation": {"runs": runs, "confined": {}}}
    return {
        "predicate": {
            "buildDefinition": {
                "externalParameters": {"repository": REPOSITORY},
                "internalParameters": inner,
            },
            "runDetails": {"builder": {"id": builder}},
        }
    }


@pytest.mark.parametrize(
    ("said", "signer", "certificate", "level"),
    [
        (statement(LOCAL_BUILDER), KEY, None, 0),
        (statement("http://127.0.0.1:9999/acme/models/x.yml"), KEY, None, 0),
        (statement("https://127.0.0.1/acme/models/x.yml"), KEY, None, 0),
        (statement("https://[::1]/acme/models/x.yml"), KEY, None, 0),
        (statement("https://localhost/acme/models/x.yml"), KEY, None, 0),
        (statement("https://10.0.0.7/acme/models/x.yml"), KEY, None, 0),
        (statement("file:///srv/forge/acme/models/x.yml"), KEY, None, 0),
        (statement(""), keyless(ELSEWHERE), Witnessed(source=True, hosted=True), 0),
        (statement(), KEY, None, 1),
        (statement(), keyless(HERE), Witnessed(source=True, hosted=True), 2),
        (statement(), keyless(ELSEWHERE), Witnessed(source=True, hosted=False), 2),
        (statement(runs=ONE_MACHINE), keyless(ELSEWHERE), Witnessed(source=True, hosted=True), 2),
        (statement(runs=None), keyless(ELSEWHERE), Witnessed(source=True, hosted=True), 2),
        (statement(), keyless(ELSEWHERE), Witnessed(source=False, hosted=True), 0),
        (statement(), keyless(ELSEWHERE), Witnessed(source=True, hosted=True), 3),
    ],
)
def test_what_is_claimed(said, signer, certificate, level):
    def ask(repository: str) -> Witnessed:
        assert repository == REPOSITORY
        assert certificate is not None, "a key has no certificate"
        return certificate

    found = build_level(said, signer, ask)
    assert found.level == level
    assert bool(found.lacks) is (level < 3)
    assert ("no SLSA" in str(found)) is (level == 0)


def bundle(**claims: str) -> bytes:
    """A bundle with a certificate as Fulcio makes it; its signature is not looked at here."""
    oids = {"repository": 12, "runner": 11}
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 7, now, now)
    for claim, value in claims.items():
        content = value.encode()
        oid = x509.ObjectIdentifier(f"1.3.6.1.4.1.57264.1.{oids[claim]}")
        der = bytes([0x0C, len(content)]) + content
        builder = builder.add_extension(x509.UnrecognizedExtension(oid, der), critical=False)
    made = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
    encoded = base64.b64encode(made).decode()
    entry = {
        "logIndex": "1",
        "logId": {"keyId": "AAAA"},
        "kindVersion": {"kind": "dsse", "version": "0.0.1"},
        "integratedTime": "1",
        "inclusionPromise": {"signedEntryTimestamp": "AAAA"},
        "inclusionProof": {
            "logIndex": "1",
            "rootHash": "AAAA",
            "treeSize": "2",
            "hashes": [],
            "checkpoint": {"envelope": "x"},
        },
        "canonicalizedBody": "AAAA",
    }
    material = {"certificate": {"rawBytes": encoded}, "tlogEntries": [entry]}
    return json.dumps(
        {
            "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "verificationMaterial": material,
            "dsseEnvelope": {"payload": "", "payloadType": "x", "signatures": [{"sig": "AAAA"}]},
        }
    ).encode()


@pytest.mark.parametrize(
    ("claims", "wanted"),
    [
        ({"repository": REPOSITORY, "runner": "github-hosted"}, (True, True)),
        ({"repository": f"{REPOSITORY}-2", "runner": "self-hosted"}, (False, False)),
        ({}, (False, False)),
    ],
)
def test_the_certificate_says_where_it_ran(claims, wanted):
    found = witnessed(bundle(**claims), REPOSITORY)
    assert (found.source, found.hosted) == wanted
