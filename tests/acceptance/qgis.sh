#!/usr/bin/env bash
# Proof that QGIS reads a running city through its standard doors (issue 4): collections, fields, counts, more than ten
# thousand features page by page, expressions, windows, coordinate systems, vector tiles, a picture. Where Debian's
# python3-qgis is not installed it says so and ends with status 77; it is no dependency of the project.
#
#   tests/acceptance/qgis.sh URL USER PASSWORD [PICTURE.png]       e.g. http://127.0.0.1:8000 dispatcher demo-dispatcher
set -euo pipefail

url=$1 user=$2 password=$3 picture=${4:-qgis.png}
python=/usr/bin/python3

"$python" -c 'import qgis.core' 2>/dev/null || { echo "QGIS is not here: apt install python3-qgis qgis-providers"; exit 77; }

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
ask() { curl -sS --fail -b "$folder/cookies" -c "$folder/cookies" "$@"; }

ask -o /dev/null -d "username=$user" --data-urlencode "password=$password" "$url/login"
csrf=$(ask "$url/api/me" | "$python" -c 'import json, sys; print(json.load(sys.stdin)["csrf"])')
token=$(ask -H "X-CSRF-Token: $csrf" -H 'Content-Type: application/json' -d '{"name": "acceptance of QGIS", "days": 1}' "$url/api/tokens" |
    "$python" -c 'import json, sys; print(json.load(sys.stdin)["token"])')

export QT_QPA_PLATFORM=offscreen HOME=$folder QGIS_CUSTOM_CONFIG_PATH=$folder PROJ_NETWORK=OFF
"$python" "$(dirname -- "$0")/qgis_reads.py" "$url" "$token" "$picture"
