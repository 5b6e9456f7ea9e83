# SPDX-License-Identifier: GPL-2.0-or-later
"""quic_vectors.py FILE.json: the recorded exchanges as the initialiser of a C array.

A member of each struct quic_vector is what the recording calls so; bytes are
hexadecimal digits, as in the recording.
"""
import json
import sys

TEXTS = ("cluster_secret", "cluster_key", "client_addr", "aad_addr", "client_odcid",
         "client_scid", "retry_packet", "retry_scid", "token", "integrity_tag", "salt")
NUMBERS = ("version", "client_port", "timestamp")

for row in json.load(open(sys.argv[1], encoding="utf-8"))["retry"]:
    members = [f'.{name} = "{row[name]}"' for name in TEXTS]
    members += [f".{name} = {row[name]}U" for name in NUMBERS]
    print("{ " + ", ".join(members) + " },")
