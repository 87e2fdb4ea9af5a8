# What scripts/demo, scripts/test and scripts/bench need before they start: Swift, a few Debian packages, a private Python environment.
# Sourced, not run. Every check that passes is silent and quick; every one that fails says what to do and exits 3.

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)"
STATE="$ROOT/.tidemark"
VENV="$STATE/venv"

say() { printf '%s\n' "$*"; }
fail() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 3
}

need_swift() {
    if ! command -v swift >/dev/null 2>&1; then
        fail "Swift is not installed (or not on PATH): get 6.2 or newer from https://www.swift.org/install/linux, then run this again"
    fi
    local version
    version="$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9]*\.[0-9][0-9]*\).*/\1/p' | head -n 1)"
    if [ -z "$version" ] || [ "$(printf '6.2\n%s\n' "$version" | sort -V | head -n 1)" != 6.2 ]; then
        fail "Swift ${version:-of unknown version} is too old: get 6.2 or newer from https://www.swift.org/install/linux"
    fi
}

# Prints the Debian packages whose work nothing on this machine does. Asks for the thing rather than for the package,
# so that another build of it serves as well.
missing_packages() {
    local library package
    if command -v pkg-config >/dev/null 2>&1; then
        for library in libcurl=libcurl4-openssl-dev libcrypto=libssl-dev zlib=zlib1g-dev sqlite3=libsqlite3-dev; do
            package="${library#*=}"
            pkg-config --exists "${library%%=*}" || printf '%s ' "$package"
        done
    else
        printf '%s ' pkg-config libcurl4-openssl-dev libssl-dev zlib1g-dev libsqlite3-dev
    fi
    if ! command -v python3 >/dev/null 2>&1; then
        printf '%s ' python3 python3-venv
    elif ! python3 -c 'import ensurepip, venv' >/dev/null 2>&1; then
        # Debian splits ensurepip off, so that `import venv` alone does not tell.
        printf '%s ' python3-venv
    fi
}

# Installs what a function that prints packages finds missing.
need_packages() {
    local find_missing="${1:-missing_packages}" missing
    missing="$("$find_missing")"
    [ -z "$missing" ] && return 0
    local command="apt-get install --yes --no-install-recommends ${missing% }"
    if ! command -v apt-get >/dev/null 2>&1; then
        fail "this machine lacks what Debian calls ${missing% }; install the like of it and run this again"
    fi
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
            as_root=(sudo -n)
        else
            fail "some packages are missing and this user may not install them; run this one command, then this script again:
    sudo sh -c 'apt-get update && $command'"
        fi
    fi
    say "Installing what is missing: ${missing% }"
    # shellcheck disable=SC2086
    if ! {
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update --quiet=2 &&
            "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive $command --quiet=2
    } >"$STATE/apt.log" 2>&1; then
        tail -n 5 "$STATE/apt.log" >&2
        fail "apt-get could not install ${missing% } (the whole log: $STATE/apt.log)"
    fi
    missing="$("$find_missing")"
    [ -z "$missing" ] || fail "still missing after the installation: ${missing% }"
}

need_python() {
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' ||
        fail "Python $(python3 --version 2>&1 | cut -d' ' -f2) is too old: 3.10 or newer is needed"
}

# MiniStack and moto, pinned, in an environment of their own. Rebuilt when the pins or the Python change.
need_venv() {
    local requirements="$ROOT/scripts/requirements.txt" stamp="$VENV/.stamp" wanted
    wanted="$(cat "$requirements" && python3 --version && printf '%s' "$VENV")"
    if [ -x "$VENV/bin/ministack" ] && [ -x "$VENV/bin/moto_server" ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
        return 0
    fi
    say "Installing $(sed -n 's/==/ /p' "$requirements" | grep '^ministack') into $VENV"
    rm -rf "$VENV"
    if ! python3 -m venv "$VENV" >"$STATE/pip.log" 2>&1; then
        tail -n 3 "$STATE/pip.log" >&2
        fail "python3 -m venv did not work (the whole log: $STATE/pip.log); on Debian: apt-get install python3-venv"
    fi
    if ! "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --no-input \
        --requirement "$requirements" >"$STATE/pip.log" 2>&1; then
        tail -n 3 "$STATE/pip.log" >&2
        fail "MiniStack and moto could not be installed from PyPI; check the network, or set PIP_INDEX_URL to a mirror (log: $STATE/pip.log)"
    fi
    printf '%s\n' "$wanted" >"$stamp"
}

# What building and unit tests need.
set_up_for_build() {
    mkdir -p "$STATE" || fail "$STATE cannot be written"
    need_swift
    need_packages
    need_python
}

# And what the local AWS needs.
set_up() {
    set_up_for_build
    need_venv
}

# Two jobs at most: the build is heavy in memory rather than in cores.
jobs_of_build() {
    local cores
    cores="$(nproc 2>/dev/null || echo 2)"
    [ "$cores" -gt 2 ] && cores=2
    printf '%s' "$cores"
}

# Compiles the library that lets the N-th change of a file fail, with the compiler that comes with Swift.
compile_faults() {
    local compiler
    compiler="$(command -v clang || command -v cc)" || fail "there is no C compiler; one comes with Swift, or apt-get install gcc"
    "$compiler" -shared -fPIC -O1 -Wall -o "$1" "$ROOT/Tests/FaultingCalls/faults.c" -ldl ||
        fail "Tests/FaultingCalls/faults.c does not compile with $compiler"
}
