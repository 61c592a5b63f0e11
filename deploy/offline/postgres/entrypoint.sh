#!/usr/bin/env bash
# Runs PostgreSQL; at its first start it makes the database cluster. The variables are those of the public image:
# POSTGRES_PASSWORD (must be set), POSTGRES_USER (postgres), POSTGRES_DB (the user's name), PGDATA. Arguments are the server's: -c max_connections=300
set -euo pipefail

user=${POSTGRES_USER:-postgres}
database=${POSTGRES_DB:-$user}
bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -1)
PATH="$bin:$PATH"
as_postgres=(setpriv --reuid postgres --regid postgres --init-groups)
[[ ${1:-postgres} == -* ]] && set -- postgres "$@"
[[ ${1:-postgres} == postgres ]] || exec "$@"

if [[ ! -s $PGDATA/PG_VERSION ]]; then
  : "${POSTGRES_PASSWORD:?set POSTGRES_PASSWORD to the password of the user to make}"
  install -d -o postgres -g postgres -m 0700 "$PGDATA"
  secret=$(mktemp)
  printf '%s\n' "$POSTGRES_PASSWORD" > "$secret"
  chown postgres "$secret"
  "${as_postgres[@]}" initdb -D "$PGDATA" -U "$user" -E UTF8 --locale=C.UTF-8 -A scram-sha-256 --pwfile="$secret" > /dev/null
  rm "$secret"
  echo "host all all all scram-sha-256" >> "$PGDATA/pg_hba.conf"
  if [[ $database != postgres ]]; then
    echo "CREATE DATABASE \"$database\"" | "${as_postgres[@]}" postgres --single -j -D "$PGDATA" postgres > /dev/null
  fi
fi
unset POSTGRES_PASSWORD
install -d -o postgres -g postgres -m 2775 /var/run/postgresql

shift || true
exec "${as_postgres[@]}" postgres -D "$PGDATA" -c listen_addresses='*' "$@"
