#!/usr/bin/env bash
# Put RepSense's wheel beside the Dockerfile, and the folder is complete: copy it to /addons/repsense.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
rm -f ./*.whl
python3 -m pip wheel --no-deps --wheel-dir . ../../..
