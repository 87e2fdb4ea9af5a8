# What scripts/bench needs beside setup.sh, which is sourced before this.

# Prints the Debian packages of the tools that this machine lacks.
missing_bench_packages() {
    local tool
    for tool in valgrind openssl; do
        command -v "$tool" >/dev/null 2>&1 || printf '%s ' "$tool"
    done
}

need_bench_packages() { need_packages missing_bench_packages; }

# Sets NGINX to a program that runs. Debian's package is unpacked rather than installed where there is none: installing
# it would start a web server on this machine.
need_nginx() {
    local found
    for found in "$(command -v nginx 2>/dev/null)" /usr/sbin/nginx "$STATE/nginx/usr/sbin/nginx"; do
        if [ -n "$found" ] && "$found" -v >/dev/null 2>&1; then
            NGINX="$found"
            return 0
        fi
    done
    command -v apt-get >/dev/null 2>&1 || fail "nginx is not on this machine; install it (it need not be started)"
    say "Unpacking nginx into $STATE/nginx"
    rm -rf "$STATE/nginx" && mkdir -p "$STATE/nginx"
    if ! (unpack_nginx) >"$STATE/apt.log" 2>&1; then
        tail -n 5 "$STATE/apt.log" >&2
        fail "Debian's nginx could not be fetched; as root: apt-get update, then run this again (log: $STATE/apt.log)"
    fi
    NGINX="$STATE/nginx/usr/sbin/nginx"
    "$NGINX" -v >/dev/null 2>&1 || fail "Debian's nginx does not run here; install nginx (it need not be started)"
}

unpack_nginx() {
    cd "$STATE/nginx" || return
    if ! apt-get download nginx; then
        # The lists may be too old or not there; only root can renew them.
        apt-get update --quiet=2 && apt-get download nginx || return
    fi
    dpkg-deb --extract nginx_*.deb . && rm nginx_*.deb
}
