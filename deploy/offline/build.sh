#!/usr/bin/env bash
# Builds images of the servers from Debian packages, and of the factory's own services from what is published here, for sites that reach a Debian mirror and
# no image registry.
# usage: build.sh [postgres|rabbitmq|rgw|runtime|coordinator|worker|all]...   Prints the name of each image. What is there already and unchanged is not built again.
#
#   FACTORY_DEBIAN_SUITE    the Debian release (bookworm)
#   FACTORY_DEBIAN_MIRROR   a mirror; Debian's own, with security updates, unless set
#   FACTORY_OFFLINE_FRESH   set to 1 to take new packages although nothing here has changed
#   FACTORY_CONFIGURATION   of coordinator and worker: Release, or Debug
#   FACTORY_NO_BUILD        set to 1 to publish coordinator and worker as they were built last
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
# The services' own needs libraries and no program, not even a shell; user and folders are those of the images from a registry.
runtime_system=(
  --variant=extract
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*'
  --extract-hook='mkdir -p "$1"/etc/ssl/certs && cat "$1"/usr/share/ca-certificates/mozilla/*.crt > "$1"/etc/ssl/certs/ca-certificates.crt'
  --extract-hook='echo "app:x:1654:1654::/tmp:/usr/sbin/nologin" > "$1"/etc/passwd && echo "app:x:1654:" > "$1"/etc/group && install -d -o 1654 -g 1654 "$1"/scratch'
  --extract-hook='rm -rf "$1"/usr/bin/* "$1"/usr/sbin/* "$1"/usr/share/perl5 "$1"/usr/share/debconf "$1"/usr/lib/*/gconv "$1"/var/log/*'
)

fail() { echo "build.sh: $*" >&2; exit 1; }
digest() { cat "$@" | sha256sum | cut -c1-12; }
exists() { docker image inspect "$1" > /dev/null 2>&1; }

# The Debian system with a service's packages. Its tag follows from suite, mirror and package list.
build_base() {
  local service=$1 base=$2 tar options=("${system[@]}")
  [[ $service != runtime ]] || options=("${runtime_system[@]}")
  exists "$base" && [[ ${FACTORY_OFFLINE_FRESH:-} != 1 ]] && return
  command -v mmdebstrap > /dev/null || fail "mmdebstrap is missing: apt-get install mmdebstrap"
  tar=$work/$service.tar
  mmdebstrap "${options[@]}" --include="$(paste -sd, "$service/packages")" "$suite" "$tar" ${FACTORY_DEBIAN_MIRROR:+"$FACTORY_DEBIAN_MIRROR"} >&2
  docker import "$tar" "$base" > /dev/null
  rm "$tar"
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

# .NET as this machine has it, on the libraries it needs.
build_runtime() {
  local base image folder version root name=factory-offline/runtime
  read -r version root < <(dotnet --list-runtimes | sed -n 's/^Microsoft.AspNetCore.App \(10\.[^ ]*\) \[\(.*\)\/shared\/.*/\1 \2/p' | sort -V | tail -1) \
    || fail "there is no .NET 10 runtime for web services here: install the SDK"
  base=$name-base:$suite-$({ echo "${FACTORY_DEBIAN_MIRROR:-}"; cat runtime/packages; echo "${runtime_system[@]}"; } | digest -)
  image=$name:$suite-$({ echo "$base $version"; cat runtime/Dockerfile; } | digest -)
  if exists "$image" && [[ ${FACTORY_OFFLINE_FRESH:-} != 1 ]]; then
    echo "runtime: unchanged" >&2
  else
    build_base runtime "$base"
    folder=$work/runtime
    mkdir -p "$folder/dotnet/shared"/{Microsoft.NETCore.App,Microsoft.AspNetCore.App}
    cp runtime/Dockerfile "$folder"
    cp -r "$root/dotnet" "$root/host" "$folder/dotnet"
    for framework in Microsoft.NETCore.App Microsoft.AspNetCore.App; do cp -r "$root/shared/$framework/$version" "$folder/dotnet/shared/$framework"; done
    docker build --quiet --build-arg "BASE=$base" --tag "$image" "$folder" > /dev/null
    echo "runtime: built with .NET $version" >&2
  fi
  docker tag "$image" "$name:latest"
  echo "$image"
}

# Publishes projects into one folder, for Linux on this kind of processor alone.
publish() {
  local folder=$1 project options=(--configuration "${FACTORY_CONFIGURATION:-Release}" --output "$1" --verbosity quiet -nologo)
  [[ ${FACTORY_NO_BUILD:-} != 1 ]] || options+=(--no-build)
  for project in "${@:2}"; do dotnet publish "../../src/$project" "${options[@]}" >&2; done
  find "$folder/runtimes" -mindepth 1 -maxdepth 1 ! -name linux-x64 ! -name linux ! -name unix -exec rm -r {} +
}

# A service of the factory on the runtime. Its tag follows from both, to the byte.
build_service() {
  local service=$1 base image start=$SECONDS folder=$work/$1 name=factory-offline/$1
  base=$(build_runtime)
  case $service in
    coordinator)
      publish "$folder/app" Cli Coordinator
      # The command works here without torch.
      find "$folder/app/runtimes/linux-x64/native" -type f ! -name libSkiaSharp.so ! -name libe_sqlite3.so -delete
      ;;
    worker)
      publish "$folder/app" GpuWorker
      # Torch is a layer of its own, which stays when the worker changes.
      mv "$folder/app/runtimes" "$folder/native"
      ;;
  esac
  cp "$service/Dockerfile" "$folder"
  image=$name:$suite-$({ echo "$base"; cd "$folder"; find . -type f -print0 | sort -z | xargs -0 sha256sum; } | digest -)
  if exists "$image"; then
    echo "$service: unchanged" >&2
  else
    docker build --quiet --build-arg "BASE=$base" --tag "$image" "$folder" > /dev/null
    echo "$service: built in $((SECONDS - start)) s" >&2
  fi
  rm -rf "$folder"
  docker tag "$image" "$name:latest"
  echo "$image"
}

docker version > /dev/null 2>&1 || fail "no Docker engine answers: start it, or see the README for servers without one"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[[ $# -gt 0 ]] || set -- all
for service in "$@"; do
  case $service in
    all)
      for each in postgres rabbitmq rgw; do build "$each"; done
      for each in coordinator worker; do build_service "$each"; done
      ;;
    postgres | rabbitmq | rgw) build "$service" ;;
    runtime) build_runtime ;;
    coordinator | worker) build_service "$service" ;;
    *) fail "there is no image of $service: postgres, rabbitmq, rgw, runtime, coordinator, worker or all" ;;
  esac
done
