"""What a packaged model is made of, as a CycloneDX 1.6 bill of materials.

The only importer of cyclonedx. Equal inputs give equal bytes: no time is in it, and its serial
number follows from its content.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mergeline.digest import canonical_json, digest_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from cyclonedx.model import HashType
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component

    from mergeline.pipeline.lockfile import Locked

SBOM = "sbom.cdx.json"
_MODEL = "model"
# Of what names this kind of document, whichever it is.
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://cyclonedx.org/schema/bom-1.6.schema.json")


@dataclass(frozen=True, slots=True)
class Dataset:
    """Data that a model learned from.

    Attributes:
        name: as in data.yaml.
        digest: the full canonical digest.
        uri: where they came from.
    """

    name: str
    digest: str
    uri: str


@dataclass(frozen=True, slots=True)
class Materials:
    """A model and what it is made of.

    Attributes:
        name: the model.
        version: its SemVer.
        description: what it is for.
        digest: of its file.
        properties: what else is worth knowing, such as its estimator.
        packages: those of the lockfile.
        datasets: what it learned from.
        code: each further file of the package to its digest.
    """

    name: str
    version: str
    description: str
    digest: str
    properties: Mapping[str, str]
    packages: Sequence[Locked]
    datasets: Sequence[Dataset]
    code: Mapping[str, str] = field(default_factory=dict)


def bill_of_materials(materials: Materials) -> bytes:
    """Return the text of the bill of materials, as JSON."""
    from cyclonedx.output.json import JsonV1Dot6

    # Written by the library, which knows the format; what it adds of the moment is taken out.
    document = json.loads(JsonV1Dot6(_bom(materials)).output_as_string())
    del document["metadata"]["timestamp"], document["serialNumber"]
    serial = uuid.uuid5(_NAMESPACE, digest_json(document))
    return canonical_json({**document, "serialNumber": f"urn:uuid:{serial}"}) + b"\n"


def _bom(materials: Materials) -> Bom:
    from cyclonedx.model.bom import Bom, BomMetaData

    model = _model(materials)
    parts = list(_parts(materials))
    bom = Bom(components=parts, metadata=BomMetaData(component=model))
    bom.register_dependency(model, parts)
    return bom


def _model(materials: Materials) -> Component:
    from cyclonedx.model import Property
    from cyclonedx.model.component import Component, ComponentType

    return Component(
        type=ComponentType.MACHINE_LEARNING_MODEL,
        name=materials.name,
        version=materials.version,
        bom_ref=_MODEL,
        description=materials.description,
        hashes=[_sha256(materials.digest)],
        properties=[
            Property(name=f"mergeline:{name}", value=value)
            for name, value in materials.properties.items()
        ],
    )


def _parts(materials: Materials) -> Iterator[Component]:
    from cyclonedx.model import Property
    from cyclonedx.model.component import Component, ComponentType

    for dataset in materials.datasets:
        yield Component(
            type=ComponentType.DATA,
            name=dataset.name,
            bom_ref=f"dataset:{dataset.name}",
            hashes=[_sha256(dataset.digest)],
            properties=[Property(name="mergeline:source", value=dataset.uri)],
        )
    for name, digest in materials.code.items():
        yield Component(
            type=ComponentType.FILE, name=name, bom_ref=f"file:{name}", hashes=[_sha256(digest)]
        )
    for package in materials.packages:
        yield _library(package)


def _library(package: Locked) -> Component:
    """Return a package; its hashes are those of its distributions, one of which was installed."""
    from cyclonedx.model import ExternalReference, ExternalReferenceType, Property, XsUri
    from cyclonedx.model.component import Component, ComponentType
    from packageurl import PackageURL
    from packaging.utils import canonicalize_name

    purl = PackageURL("pypi", None, canonicalize_name(package.name), package.version)
    text = purl.to_string()
    distribution = ExternalReference(
        type=ExternalReferenceType.DISTRIBUTION,
        url=XsUri(text),
        hashes=[_sha256(one) for one in package.hashes],
    )
    return Component(
        type=ComponentType.LIBRARY,
        name=package.name,
        version=package.version,
        bom_ref=text,
        purl=purl,
        external_references=[distribution],
        properties=[Property(name="mergeline:marker", value=package.marker.lstrip("; "))]
        if package.marker
        else [],
    )


def _sha256(digest: str) -> HashType:
    from cyclonedx.model import HashAlgorithm, HashType

    return HashType(alg=HashAlgorithm.SHA_256, content=digest.removeprefix("sha256:"))
