#!/usr/bin/env bash
# Runs RabbitMQ with its management API. The variables are those of the public image:
# RABBITMQ_DEFAULT_USER, RABBITMQ_DEFAULT_PASS (both must be set) and RABBITMQ_DEFAULT_VHOST (/), which count at the first start.
set -euo pipefail

: "${RABBITMQ_DEFAULT_USER:?set RABBITMQ_DEFAULT_USER and RABBITMQ_DEFAULT_PASS to the user to make}" "${RABBITMQ_DEFAULT_PASS:?set RABBITMQ_DEFAULT_PASS}"
# A node's data belongs to its name, and a new container on the same volume has a new host name.
export RABBITMQ_NODENAME=rabbit@localhost HOME=/var/lib/rabbitmq LANG=C.UTF-8 RUNNING_UNDER_SYSTEMD=true

cat > /etc/rabbitmq/rabbitmq.conf <<CONF
default_user = $RABBITMQ_DEFAULT_USER
default_pass = $RABBITMQ_DEFAULT_PASS
default_vhost = ${RABBITMQ_DEFAULT_VHOST:-/}
loopback_users = none
disk_free_limit.absolute = 50MB
log.console = true
log.file = false
CONF
echo '[rabbitmq_management].' > /etc/rabbitmq/enabled_plugins
install -d -o rabbitmq -g rabbitmq /var/lib/rabbitmq /var/log/rabbitmq
chown -R rabbitmq:rabbitmq /etc/rabbitmq /var/lib/rabbitmq
exec setpriv --reuid rabbitmq --regid rabbitmq --init-groups /usr/lib/rabbitmq/bin/rabbitmq-server
