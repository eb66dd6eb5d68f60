#!/bin/sh
# Puts on this machine what a command needs and the machine lacks, and says each thing in one
# sentence before it does it:
#
#     sh bin/install.sh start|test|bench|doctor [--dry-run]
#
# Debian packages come through apt-get, Node packages through npm. Nothing that is there already
# is installed again, upgraded or started.
set -eu
cd "$(dirname "$0")/.."
# A root shell opened with plain `su` does not look where dockerd, ip and iptables lie.
PATH="$PATH:/usr/sbin:/sbin"
DEBIAN_FRONTEND=noninteractive
export PATH DEBIAN_FRONTEND

main() {
  purpose=${1:-}
  case $purpose in
    start | test | bench | doctor) ;;
    *) refuse "Say what for: sh bin/install.sh start, test, bench or doctor." ;;
  esac
  dry_run=no
  if [ "${2:-}" = --dry-run ]; then dry_run=yes; fi
  check_node
  packages=
  reasons=
  name_packages
  install_packages
  install_modules
  # `npm test` builds always, by itself, so that a test never runs against yesterday's code.
  if [ "$purpose" != test ]; then build_if_older; fi
}

check_node() {
  command -v node > /dev/null || refuse "Node.js 20.18.1 or newer is needed; there is none."
  node -e '
    const [major, minor, patch] = process.versions.node.split(".").map(Number);
    process.exit(major * 1e6 + minor * 1e3 + patch >= 20018001 ? 0 : 1);
  ' || refuse "Node.js 20.18.1 or newer is needed; this is $(node --version)."
}

name_packages() {
  # It looks at a machine as it is.
  if [ "$purpose" = doctor ]; then return; fi
  lacking git git 'builds begin with it'
  # git only recommends them, and without them reaches no https:// remote.
  if ! [ -e /etc/ssl/certs/ca-certificates.crt ]; then add ca-certificates 'git over https'; fi
  if [ "$purpose" = start ]; then
    if [ -z "${REDIS_URL:-}" ]; then lacking redis-server redis-server 'no REDIS_URL is set'; fi
    if [ -z "${REGISTRY:-}" ]; then lacking docker-registry docker-registry 'no REGISTRY is set'; fi
    # A DOCKER_HOST that does not answer is a mistake to point out, which the start does; another
    # engine would only hide it.
    if [ -n "${DOCKER_HOST:-}" ] || engine_answers; then return; fi
    engine_packages 'no Docker Engine answers'
    return
  fi
  why="$purpose uses a process of its own"
  lacking redis-server redis-server "$why"
  lacking docker-registry docker-registry "$why"
  engine_packages "$why"
  lacking chromium chromium 'pages are looked at with it'
  lacking git-lfs git-lfs 'large files in repositories'
  lacking htpasswd apache2-utils 'passwords for a registry'
  lacking ssh-agent openssh-client 'builds with ssh'
  if [ "$purpose" = bench ]; then lacking webhook webhook 'it is measured beside Slipway'; fi
  # The ordinary busybox has the same path, but needs libraries, which an empty image lacks.
  if ! is_installed busybox-static; then add busybox-static 'the content of test images'; fi
}

engine_packages() {
  lacking dockerd docker.io "$1"
  lacking ip iproute2 'the engine’s network'
  lacking iptables iptables 'the engine’s network'
  if [ "$(id -u)" != 0 ]; then
    hint=
    if [ "$purpose" = start ]; then hint=', or start an engine and name it in DOCKER_HOST'; fi
    refuse "A Docker Engine is needed ($1), and only root can run one: sudo npm run $purpose$hint."
  fi
}

engine_answers() {
  node -e '
    const options = { socketPath: "/var/run/docker.sock", path: "/_ping", timeout: 5000 };
    const request = require("node:http").get(options, (answer) => {
      process.exit(answer.statusCode === 200 ? 0 : 1);
    });
    request.on("timeout", () => process.exit(1)).on("error", () => process.exit(1));
  '
}

# lacking COMMAND PACKAGE REASON: notes the package when the command is not there.
lacking() {
  command -v "$1" > /dev/null || add "$2" "$3"
}

add() {
  packages="$packages $1"
  reasons="$reasons${reasons:+, }$1 ($2)"
}

is_installed() {
  dpkg-query -W -f '${Status}' "$1" 2> /dev/null | grep -q 'ok installed'
}

install_packages() {
  if [ -z "$packages" ]; then return; fi
  command -v apt-get > /dev/null || refuse "Please install: $reasons. There is no apt-get here."
  root=
  if [ "$(id -u)" != 0 ]; then
    command -v sudo > /dev/null || refuse "Please run as root: apt-get install$packages"
    root=sudo
  fi
  say "Installing with apt-get, without starting their services: $reasons."
  if [ "$dry_run" = yes ]; then return; fi
  hold_services
  options='-qq -o DPkg::Lock::Timeout=300'
  # Words are split on purpose: these are lists.
  # shellcheck disable=SC2086
  $root apt-get $options update
  # shellcheck disable=SC2086
  $root env DEBIAN_FRONTEND=noninteractive apt-get $options -y --no-install-recommends install \
    $packages > /dev/null
  release_services
}

# Debian starts a service when its package is installed, unless this file says no. The ports would
# be taken and the machine would run what nobody asked for: Slipway starts processes of its own.
guard=/usr/sbin/policy-rc.d

hold_services() {
  if [ -e "$guard" ]; then return; fi
  trap release_services EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  printf '#!/bin/sh\n# Made by Slipway for one installation.\nexit 101\n' |
    $root tee "$guard" > /dev/null
  $root chmod 755 "$guard"
}

release_services() {
  if grep -qs 'Made by Slipway' "$guard"; then $root rm -f "$guard"; fi
}

install_modules() {
  installed=node_modules/.package-lock.json
  if [ -e "$installed" ] && ! [ package-lock.json -nt "$installed" ]; then return; fi
  say "Installing the Node packages of package-lock.json into node_modules with npm ci."
  if [ "$dry_run" = yes ]; then return; fi
  # The compiler is a development package, and NODE_ENV=production would leave it out.
  npm ci --include=dev --no-audit --no-fund --loglevel=error
}

build_if_older() {
  built="dist/bin/$purpose.js"
  if [ -e "$built" ]; then
    newer=$(find app worker queue bin tsconfig.json package-lock.json -newer "$built")
    if [ -z "$newer" ]; then return; fi
  fi
  say "Compiling the TypeScript sources into dist with tsc."
  if [ "$dry_run" = yes ]; then return; fi
  npm run --silent build
}

say() {
  echo "slipway: $*"
}

refuse() {
  say "$*" >&2
  exit 1
}

main "$@"
