#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# quic_clients.sh ADDRESS FILE CLIENTS PAGES DIRECTORY: legitimate clients of the
# demonstration, by HTTP/3. So many at once fetch the page, which must be the
# same as FILE, so many times, over a connection for each. Prints how many
# requests succeeded.
set -u

address=$1 file=$2 clients=$3 pages=$4 directory=$5
PATIENCE=15 # seconds for a page; a lost Initial is sent again after 1 and 3

fetch() # fetch DIRECTORY
{
	local n page=$1/page
	mkdir "$1"
	for ((n = 0; n < pages; n++)); do
		rm -f "$page"
		timeout "$PATIENCE" gtlsclient -q --no-quic-dump --no-http-dump \
			--exit-on-all-streams-close --download="$1" \
			"$address" 443 https://shield/page >/dev/null 2>&1
		! cmp -s "$file" "$page" || echo ok
	done
}

for ((client = 0; client < clients; client++)); do
	fetch "$directory/$client" >"$directory/results.$client" &
done
wait
cat "$directory"/results.* | grep -cx ok
