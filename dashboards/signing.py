"""Reports signed by the instance: a certificate of its own, made once, kept in its private directory (D6).

Whoever has the certificate can prove with any PDF reader that a report is this instance's and unchanged; `verify` does so here.
"""

from __future__ import annotations

import asyncio
import io
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from asn1crypto import cms, keys
from asn1crypto import pem as pem_format
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfReadError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import signers
from pyhanko.sign.validation import async_validate_detached_cms, validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from config.errors import UnreadableFile

FIELD = "CityCommand"
YEARS = 20


@dataclass(frozen=True)
class Verified:
    """What a signature proves: `intact`: nothing was changed since; `ours`: by this instance's certificate; when it was signed."""

    intact: bool
    ours: bool
    signed_at: datetime | None
    by: str


def ensure(path: Path, instance: str, now: datetime) -> None:
    """Make key and certificate in the file `path` (mode 0600) where there are none."""
    if path.exists():
        return
    key = rsa.generate_private_key(public_exponent=65537, key_size=3072)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"City Command {instance}")])
    usage = x509.KeyUsage(True, True, False, False, False, False, False, False, False)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365 * YEARS))
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(private + certificate.public_bytes(serialization.Encoding.PEM))
    try:
        os.link(fresh, path)  # whoever comes first made it: nobody's certificate is overwritten
    except FileExistsError:
        pass
    finally:
        fresh.unlink()


def sign(pdf: bytes, path: Path, reason: str) -> bytes:
    """The PDF with a signature over the whole of it."""
    key, certificate = _read(path)
    signer = signers.SimpleSigner(signing_cert=certificate, signing_key=key, cert_registry=SimpleCertificateStore())  # type: ignore[no-untyped-call]
    meta = signers.PdfSignatureMetadata(field_name=FIELD, md_algorithm="sha256", reason=reason)
    signed: io.BytesIO = _apart(
        lambda: signers.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), meta, signer=signer)
    )
    return signed.getvalue()


def sign_apart(content: bytes, path: Path) -> bytes:
    """A detached signature of any content: CMS in DER, with our certificate in it."""
    key, certificate = _read(path)
    signer = signers.SimpleSigner(signing_cert=certificate, signing_key=key, cert_registry=SimpleCertificateStore())  # type: ignore[no-untyped-call]
    signed: cms.ContentInfo = _apart(
        lambda: asyncio.run(signer.async_sign_general_data(content, "sha256", detached=True))
    )
    made: bytes = signed.dump()
    return made


def verify_apart(content: bytes, signature: bytes, path: Path) -> Verified:
    """Check a detached signature. Raises UnreadableFile for what is none."""
    try:
        signed = cms.ContentInfo.load(signature, strict=True)["content"]
        own = _certificate(path)
        trusted = ValidationContext(trust_roots=[own] if own else [])
        status = _apart(lambda: asyncio.run(async_validate_detached_cms(content, signed, trusted)))
    except (SignatureValidationError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnreadableFile("The signature cannot be read: {problem}.", problem=error) from error
    return Verified(
        intact=bool(status.intact and status.valid),
        ours=own is not None and status.signing_cert.dump() == own.dump(),
        signed_at=status.signer_reported_dt and status.signer_reported_dt.astimezone(UTC),
        by=status.signing_cert.subject.human_friendly,
    )


def certificate_of(path: Path) -> bytes:
    """The certificate alone, in PEM: what others need to check what was signed here."""
    return bytes(pem_format.armor("CERTIFICATE", _read(path)[1].dump()))


def verify(pdf: bytes, path: Path) -> Verified:
    """Check the first signature of a PDF. Raises UnreadableFile for what is none, or has no signature."""
    try:
        signatures = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
        if not signatures:
            raise UnreadableFile("The file has no signature.", "Take the report from the evaluation page.")
        own = _certificate(path)
        trusted = ValidationContext(trust_roots=[own] if own else [])
        status = _apart(lambda: validate_pdf_signature(signatures[0], trusted))
    except (PdfReadError, ValueError, KeyError, IndexError, TypeError, OSError) as error:
        raise UnreadableFile("The file is no readable PDF: {problem}.", problem=error) from error
    whole = status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    by = status.signing_cert
    return Verified(
        intact=bool(status.intact and status.valid and whole),
        ours=own is not None and by.dump() == own.dump(),
        signed_at=status.signer_reported_dt and status.signer_reported_dt.astimezone(UTC),
        by=by.subject.human_friendly,
    )


def _apart(work: Callable[[], Any]) -> Any:
    """Do `work` in a thread of its own: pyHanko starts an event loop, which fails in a thread where one runs already."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(work).result()


def _read(path: Path) -> tuple[keys.PrivateKeyInfo, asn1.Certificate]:
    """Key and certificate of the file."""
    parts = {kind: der for kind, _, der in pem_format.unarmor(path.read_bytes(), multiple=True)}
    return keys.PrivateKeyInfo.load(parts["PRIVATE KEY"]), asn1.Certificate.load(parts["CERTIFICATE"])


def _certificate(path: Path) -> asn1.Certificate | None:
    """The certificate of a file, with its key or alone; None where there is no file."""
    if not path.exists():
        return None
    parts = {kind: der for kind, _, der in pem_format.unarmor(path.read_bytes(), multiple=True)}
    return asn1.Certificate.load(parts["CERTIFICATE"])
