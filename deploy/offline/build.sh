#!/usr/bin/env bash
# Builds images of the services from Debian packages, for sites that reach a Debian mirror and no image registry.
# usage: build.sh [postgres|rabbitmq|rgw|all]...   Prints the name of each image. What is there already and unchanged is not built again.
#
#   FACTORY_DEBIAN_SUITE    the Debian release (bookworm)
#   FACTORY_DEBIAN_MIRROR   a mirror; Debian's own, with security updates, unless set
#   FACTORY_OFFLINE_FRESH   set to 1 to take new packages although nothing here has changed
set -euo pipefail
cd "$(dirname "$0")"

suite=${FACTORY_DEBIAN_SUITE:-bookworm}
# The classic builder is in every engine; the newer one is a package of its own.
export DOCKER_BUILDKIT=0
# How every system is made; what packages left behind of their own first start goes.
system=(
  --variant=apt
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*'
  --customize-hook='rm -rf "$1"/var/lib/postgresql/* "$1"/var/lib/rabbitmq/* "$1"/var/log/*'
)

fail() { echo "build.sh: $*" >&2; exit 1; }
digest() { cat "$@" | sha256sum | cut -c1-12; }
exists() { docker image inspect "$1" > /dev/null 2>&1; }

# The Debian system with a service's packages. Its tag follows from suite, mirror and package list.
build_base() {
  local service=$1 base=$2 tar
  exists "$base" && [[ ${FACTORY_OFFLINE_FRESH:-} != 1 ]] && return
  command -v mmdebstrap > /dev/null || fail "mmdebstrap is missing: apt-get install mmdebstrap"
  tar=$(mktemp --suffix=.tar)
  # shellcheck disable=SC2064
  trap "rm -f '$tar'" EXIT
  mmdebstrap "${system[@]}" --include="$(paste -sd, "$service/packages")" "$suite" "$tar" ${FACTORY_DEBIAN_MIRROR:+"$FACTORY_DEBIAN_MIRROR"} >&2
  docker import "$tar" "$base" > /dev/null
  rm -f "$tar"
}

build() {
  local service=$1 name=factory-offline/$1 base image start=$SECONDS
  base=$name-base:$suite-$({ echo "${FACTORY_DEBIAN_MIRROR:-}"; cat "$service/packages"; echo "${system[@]}"; } | digest -)
  image=$name:$suite-$({ echo "$base"; cat "$service"/*; } | digest -)
  if exists "$image" && [[ ${FACTORY_OFFLINE_FRESH:-} != 1 ]]; then
    echo "$service: unchanged" >&2
  else
    build_base "$service" "$base"
    docker build --quiet --build-arg "BASE=$base" --tag "$image" "$service" > /dev/null
    echo "$service: built in $((SECONDS - start)) s" >&2
  fi
  docker tag "$image" "$name:latest"
  echo "$image"
}

docker version > /dev/null 2>&1 || fail "no Docker engine answers: start it, or see the README for servers without one"
[[ $# -gt 0 ]] || set -- all
for service in "$@"; do
  case $service in
    all) for each in postgres rabbitmq rgw; do build "$each"; done ;;
    postgres | rabbitmq | rgw) build "$service" ;;
    *) fail "there is no image of $service: postgres, rabbitmq, rgw or all" ;;
  esac
done
