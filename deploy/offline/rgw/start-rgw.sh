#!/usr/bin/env bash
# Runs an S3 server in the foreground: Ceph's RADOS gateway over one monitor and one object store daemon in memory. It is for tests, not for keeping data:
# objects outlive an orderly stop (TERM), not a kill.
#
#   S3_ACCESS_KEY, S3_SECRET_KEY   the one user
#   S3_BUCKET                      a bucket to make, unless empty
#   RGW_ADDRESS, RGW_PORT          where it listens (0.0.0.0, 7480)
#   RGW_DATA                       its folder (/var/lib/rgw)
#   RGW_MONITOR_PORT               the monitor's port on loopback (6799)
#   RGW_MEMORY_BYTES               the most it stores (4 GiB)
set -euo pipefail

: "${S3_ACCESS_KEY:?set S3_ACCESS_KEY and S3_SECRET_KEY to the keys of the user to make}" "${S3_SECRET_KEY:?set S3_SECRET_KEY}"
data=${RGW_DATA:-/var/lib/rgw} address=${RGW_ADDRESS:-0.0.0.0} port=${RGW_PORT:-7480} monitor_port=${RGW_MONITOR_PORT:-6799}
export CEPH_CONF="$data/ceph.conf"
mkdir -p "$data"/{monitor,store,run}

write_configuration() {
  cat > "$CEPH_CONF" <<CONF
[global]
fsid = $(cat /proc/sys/kernel/random/uuid)
mon host = [v2:127.0.0.1:$monitor_port]
public network = 127.0.0.0/8
ms bind msgr1 = false
keyring = $data/keyring
run dir = $data/run
admin socket = $data/run/\$name.asok
log file =
log to stderr = true
err to stderr = true
mon data = $data/monitor
mon allow pool size one = true
mon warn on pool no redundancy = false
mon cluster log file =
mon cluster log to stderr = false
osd data = $data/store
osd objectstore = memstore
memstore device bytes = ${RGW_MEMORY_BYTES:-4294967296}
# An orderly stop writes the objects to the folder.
osd fast shutdown = false
osd crush chooseleaf type = 0
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pg autoscale mode = off
[client.rgw]
rgw frontends = beast endpoint=$address:$port
rgw thread pool size = 64
CONF
}

start_monitor() { ceph-mon -f -i a & monitor=$!; }

make_cluster() {
  write_configuration
  local fsid id
  fsid=$(ceph-conf --lookup fsid)
  ceph-authtool --create-keyring "$data/keyring" --gen-key -n mon. --cap mon 'allow *' > /dev/null
  ceph-authtool "$data/keyring" --gen-key -n client.admin --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *' > /dev/null
  monmaptool --create --addv a "[v2:127.0.0.1:$monitor_port]" --fsid "$fsid" "$data/monmap" > /dev/null
  ceph-mon --mkfs -i a --monmap "$data/monmap" --keyring "$data/keyring"
  start_monitor
  id=$(cat /proc/sys/kernel/random/uuid)
  ceph osd new "$id" > /dev/null
  ceph auth get-or-create osd.0 mon 'allow profile osd' osd 'allow *' mgr 'allow profile osd' >> "$data/keyring"
  ceph auth get-or-create client.rgw mon 'allow rw' osd 'allow rwx' >> "$data/keyring"
  ceph-osd -i 0 --mkfs --osd-uuid "$id"
}

start_store_and_gateway() {
  ceph-osd -f -i 0 & store=$!
  radosgw -f -n client.rgw & gateway=$!
}

answers() { (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null; }

make_user_and_bucket() {
  until answers; do alive || exit 1; sleep 0.2; done
  radosgw-admin user create --uid=factory --display-name=factory --access-key="$S3_ACCESS_KEY" --secret-key="$S3_SECRET_KEY" > /dev/null
  [[ -z ${S3_BUCKET:-} ]] || curl -fsS -X PUT --aws-sigv4 "aws:amz:us-east-1:s3" --user "$S3_ACCESS_KEY:$S3_SECRET_KEY" \
    -H "x-amz-content-sha256: UNSIGNED-PAYLOAD" "http://127.0.0.1:$port/$S3_BUCKET"
  touch "$data/made"
}

alive() { kill -0 "$monitor" "$store" "$gateway" 2> /dev/null; }

# The gateway first: it answers from the store, and the store's orderly stop tells the monitor.
stop() {
  trap '' TERM INT
  local process
  for process in "${gateway:-}" "${store:-}" "${monitor:-}"; do
    [[ -n $process ]] || continue
    kill -TERM "$process" 2> /dev/null || true
    wait "$process" || true
  done
  exit 0
}

trap stop TERM INT
if [[ -e $data/made ]]; then start_monitor; else rm -rf "${data:?}"/{monitor,store}/*; make_cluster; fi
start_store_and_gateway
[[ -e $data/made ]] || make_user_and_bucket
echo "S3 at http://$address:$port"

# One that ends by itself ends all: a gateway without its store only hangs.
wait -n "$monitor" "$store" "$gateway" || true
echo "a daemon of the gateway ended" >&2
kill -KILL "$monitor" "$store" "$gateway" 2> /dev/null || true
exit 1
