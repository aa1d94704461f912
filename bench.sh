#!/bin/sh
# Builds the benchmark project (Release) and runs it: ./bench.sh --help. Needs gcc, make, git, tar, find.
set -eu
here=$(dirname "$(readlink -f "$0")")
: "${VUOS_ACTORS:=$here/vuos-actors}"
export VUOS_ACTORS
project=$here/test/Vuos.Benchmarks
dotnet build "$project" -c Release -v q -m:1 --nologo -clp:ErrorsOnly >&2
exec dotnet "$project/bin/Release/net10.0/Vuos.Benchmarks.dll" "$@"
