"""A real directory: Debian's slapd in a folder of its own, on free ports of this machine."""

from __future__ import annotations

import datetime
import ipaddress
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

SLAPD = shutil.which("slapd", path="/usr/sbin:/usr/local/sbin:/usr/bin") or "slapd"
SLAPADD = shutil.which("slapadd", path="/usr/sbin:/usr/local/sbin:/usr/bin") or "slapadd"

BASE = "dc=example,dc=com"
PEOPLE = f"ou=people,{BASE}"
READER = f"cn=portal,{BASE}"
READER_PASSWORD = "may only read"
PASSWORD = "secret of anna"

CONF = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {folder}/slapd.pid
# As some companies run theirs: a bind without password counts as anonymous and succeeds.
allow bind_anon_cred bind_anon_dn
TLSCACertificateFile {folder}/ca.pem
TLSCertificateFile {folder}/server.pem
TLSCertificateKeyFile {folder}/server.key
database mdb
maxsize 10485760
suffix "{base}"
rootdn "cn=root,{base}"
directory {folder}/data
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="{reader}" read by anonymous auth by * none
"""

LDIF = """
dn: {base}
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: {reader}
objectClass: person
cn: portal
sn: portal
userPassword: {reader_password}

dn: {people}
objectClass: organizationalUnit
ou: people

dn: uid=anna,{people}
objectClass: inetOrgPerson
uid: anna
cn: 安娜
sn: 安
mail: anna@example.com
userPassword: {password}

dn: uid=bert,{people}
objectClass: inetOrgPerson
uid: bert
cn: Bert
sn: B
userPassword: secret of bert

dn: cn=first,{people}
objectClass: inetOrgPerson
uid: twice
cn: first
sn: T
userPassword: secret of both

dn: cn=second,{people}
objectClass: inetOrgPerson
uid: twice
cn: second
sn: T
userPassword: secret of both

dn: uid=locked,{people}
objectClass: inetOrgPerson
uid: locked
cn: no password
sn: L
"""


@dataclass(frozen=True)
class Directory:
    """A running slapd."""

    url: str
    secure_url: str
    ca_file: Path
    other_ca: Path
    """A certificate authority that has nothing to do with it."""


@contextmanager
def directory(folder: Path, host: str = "127.0.0.1") -> Iterator[Directory]:
    """Run slapd with `LDIF` in it; its certificate is made out to `host`."""
    certificates(folder, host)
    (folder / "data").mkdir()
    values = {"folder": folder, "base": BASE, "reader": READER, "people": PEOPLE}
    words = {"reader_password": READER_PASSWORD, "password": PASSWORD}
    conf, ldif = folder / "slapd.conf", folder / "people.ldif"
    conf.write_text(CONF.format(**values), encoding="utf-8")
    ldif.write_text(LDIF.format(**values, **words).lstrip(), encoding="utf-8")
    subprocess.run([SLAPADD, "-f", conf, "-l", ldif], check=True, capture_output=True)
    plain, secure = free_port(), free_port()
    url, secure_url = f"ldap://127.0.0.1:{plain}", f"ldaps://127.0.0.1:{secure}"
    with (folder / "slapd.log").open("wb") as log:
        process = subprocess.Popen(
            [SLAPD, "-f", conf, "-h", f"{url} {secure_url}", "-d", "0"], stdout=log, stderr=log
        )
        try:
            wait_for(plain, process)
            yield Directory(url, secure_url, folder / "ca.pem", folder / "other.pem")
        finally:
            process.terminate()
            process.wait(20)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Return as soon as somebody listens on `port`."""
    while process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 5).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise RuntimeError(f"slapd ended with {process.returncode}")


def certificates(folder: Path, host: str) -> None:
    """An authority, a certificate for `host` by it, and another authority."""
    authority, key = _authority("Test CA")
    other, _unused = _authority("Another CA")
    own = ec.generate_private_key(ec.SECP256R1())
    try:
        name: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        name = x509.DNSName(host)
    server = (
        _builder("Test directory", authority.subject, own.public_key())
        .add_extension(x509.SubjectAlternativeName([name]), critical=False)
        .sign(key, hashes.SHA256())
    )
    for file, certificate in (("ca", authority), ("other", other), ("server", server)):
        pem = certificate.public_bytes(serialization.Encoding.PEM)
        (folder / f"{file}.pem").write_bytes(pem)
    (folder / "server.key").write_bytes(
        own.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


def _authority(title: str) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, title)])
    certificate = (
        _builder(title, subject, key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    return certificate, key


def _builder(
    title: str, issuer: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    day = datetime.timedelta(days=1)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, title)]))
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - day)
        .not_valid_after(now + day)
    )
