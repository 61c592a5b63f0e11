#!/bin/sh
# Starts RabbitMQ beside a port mapper (epmd) of its own; the machine's would outlive it.
# usage: rabbitmq.sh RABBITMQ_SERVER
epmd -port "$ERL_EPMD_PORT" -address 127.0.0.1 &
until epmd -port "$ERL_EPMD_PORT" -names >/dev/null 2>&1; do sleep 0.05; done
exec "$1"
