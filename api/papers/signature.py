"""A detached signature of a paper with the office's key: CMS (RFC 5652), as `openssl cms -verify` reads it."""

from __future__ import annotations

from pathlib import Path


class KeyUnusable(ValueError):
    """The file of the key cannot be used; the message says why in Chinese."""


def signature_of(paper: bytes, key_file: Path) -> bytes:
    """DER. `key_file`: PEM with a private key (RSA or EC, without password) and its certificate."""
    from cryptography import x509  # a quarter of a second for whoever signs nothing
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.hazmat.primitives.serialization import pkcs7

    try:
        pem = key_file.read_bytes()
        key = serialization.load_pem_private_key(pem, password=None)
        certificate, *chain = x509.load_pem_x509_certificates(pem)
    except (OSError, ValueError, TypeError) as error:
        raise KeyUnusable("签名钥匙读不出来：文件应含 PEM 格式的私钥（无口令）和证书。") from error
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise KeyUnusable("签名钥匙应为 RSA 或椭圆曲线（EC）私钥。")
    builder = pkcs7.PKCS7SignatureBuilder().set_data(paper).add_signer(certificate, key, hashes.SHA256())
    for one in chain:
        builder = builder.add_certificate(one)
    options = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary]
    return builder.sign(serialization.Encoding.DER, options)
