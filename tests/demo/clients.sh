#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# clients.sh URL BYTES CLIENTS PAGES FIRST DIRECTORY: legitimate clients of the
# demonstration. So many at once fetch the page, which has so many bytes, so
# many times, over a connection for each. Their addresses are 100.64.FIRST.1
# and up, 100.64.FIRST+1.1 and up, ... Prints how many requests succeeded.
#
# Invariant: no two requests of the demonstration come from one address. The
# server's kernel remembers whom it has talked to and spares them when its
# queue fills, but new visitors are what a server lives from.
set -u

url=$1 bytes=$2 clients=$3 pages=$4 first=$5 directory=$6
PATIENCE=4 # seconds for a page; a lost SYN is sent again after 1 and 3
RATE=2/s   # requests of a client, at most

# curl does the loop: to start it for each page would be most of the work.
requests() # requests NETWORK
{
	local n
	for ((n = 1; n <= pages; n++)); do
		[ "$n" -eq 1 ] || echo next
		printf '%s\n' "url = \"$url\"" "interface = \"host!$1.$n\"" \
			"max-time = $PATIENCE" "output = /dev/null" \
			'write-out = "%{exitcode} %{http_code} %{size_download}\n"'
	done
}

for ((client = 0; client < clients; client++)); do
	requests "100.64.$((first + client))" >"$directory/requests.$client"
	curl --silent --rate "$RATE" --config "$directory/requests.$client" \
		>"$directory/results.$client" &
done
wait
cat "$directory"/results.* | grep -cx "0 200 $bytes"
