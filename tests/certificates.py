"""Certificates that say of themselves that they are right, and who believes them."""

import ipaddress
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

LOOPBACK = ipaddress.IPv4Address("127.0.0.1")


@dataclass(frozen=True)
class Pem:
    certificate: bytes
    key: bytes


def issue(*names: str) -> Pem:
    """For these names and for 127.0.0.1; whoever trusts it trusts nobody else by it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, names[0])])
    now = datetime.now(UTC)
    alternatives = [*map(x509.DNSName, names), x509.IPAddress(LOOPBACK)]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .sign(key, hashes.SHA256())
    )
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return Pem(certificate.public_bytes(encoding), key.private_bytes(encoding, form, serialization.NoEncryption()))


def trusting(*certificates: bytes) -> ssl.SSLContext:
    """A client that verifies names, and believes these certificates in PEM and no authority at all."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # of what ACM issued the authority is unknown
    context.load_verify_locations(cadata="\n".join(each.decode() for each in certificates))
    return context
