# SPDX-License-Identifier: GPL-2.0-or-later
"""Retry packets and their tokens as a server of HAProxy's kind reads them.

Written from the description of the formats alone (docs/quic.md), with another
library's cryptography: it shares nothing with what makes them. As a program it
checks the exchanges recorded from HAProxy: quic_token.py FILE.json.
"""
import hashlib
import hmac
import ipaddress
import json
import struct
import sys

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

V1, V2, DRAFT_29 = 0x00000001, 0x6B3343CF, 0xFF00001D
INTEGRITY = {
    V1: ("be0c690b9f66575a1d766b54e368c84e", "461599d35d632bf2239825bb"),
    V2: ("8fb4b01b56ac48e260fbcbcead7ccc92", "d86969bc2d7c6d9990efb04a"),
    DRAFT_29: ("ccce187ed09a09d05728155a6cb96be1", "e54930f97f2136f0530a8c1c"),
}
RETRY_TYPE = {V1: 3, V2: 0, DRAFT_29: 3}


class Retry:
    """A Retry packet; ValueError where it isn't one that `client` believes."""

    def __init__(self, packet, version, odcid, scid):
        self.packet = packet
        if packet[0] >> 6 != 3 or packet[0] >> 4 & 3 != RETRY_TYPE[version]:
            raise ValueError("first byte %#x" % packet[0])
        if packet[1:5] != struct.pack("!I", version):
            raise ValueError("version %s" % packet[1:5].hex())
        at = 6 + packet[5]
        if packet[6:at] != scid:
            raise ValueError("destination id %s" % packet[6:at].hex())
        self.scid = packet[at + 1:at + 1 + packet[at]]
        if len(self.scid) != packet[at] or self.scid == odcid:
            raise ValueError("source id %s" % self.scid.hex())
        self.token, tag = packet[at + 1 + packet[at]:-16], packet[-16:]
        key, nonce = (bytes.fromhex(text) for text in INTEGRITY[version])
        pseudo = bytes([len(odcid)]) + odcid + packet[:-16]
        if AESGCM(key).encrypt(nonce, b"", pseudo) != tag:
            raise ValueError("integrity tag %s" % tag.hex())


def prf(key, message):
    return hmac.new(key, message, hashlib.sha256).digest()


def open_token(token, secret, version, address, port, scid):
    """(original destination id, time); ValueError where it isn't genuine."""
    if token[:1] != b"\x9c" or not 46 <= len(token) <= 58:
        raise ValueError("token of %d bytes: %s" % (len(token), token.hex()))
    sealed, salt = token[1:-16], token[-16:]
    prk = prf(salt, hashlib.sha1(secret).digest()[:16])
    key = prf(prk, b"retry token key\x01")[:16]
    nonce = prf(prk, b"retry token iv\x01")[:12]
    associated = (struct.pack("!IH", version, port) + ipaddress.ip_address(address).packed + scid)
    try:
        text = AESGCM(key).decrypt(nonce, sealed, associated)
    except InvalidTag:
        raise ValueError("token isn't genuine") from None
    if text[0] != len(text) - 5:
        raise ValueError("id of %d bytes in %d" % (text[0], len(text)))
    return text[1:-4], struct.unpack("!I", text[-4:])[0]


def recorded(path):
    """What is wrong with the recorded exchanges, or with this file."""
    with open(path, encoding="utf-8") as file:
        rows = json.load(file)["retry"]
    for row in rows:
        version, odcid = int(row["version"], 16), bytes.fromhex(row["client_odcid"])
        scid = bytes.fromhex(row["client_scid"])
        retry = Retry(bytes.fromhex(row["retry_packet"]), version, odcid, scid)
        found = open_token(retry.token, row["cluster_secret"].encode(), version,
                           row["aad_addr"], row["client_port"], scid)
        if found != (odcid, row["timestamp"]):
            raise ValueError("%s, not %s" % (found, (odcid, row["timestamp"])))
    return len(rows)


if __name__ == "__main__":
    print(recorded(sys.argv[1]), "exchanges are as recorded")
