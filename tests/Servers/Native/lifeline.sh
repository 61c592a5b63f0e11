#!/bin/sh
# Runs a server in a session of its own and takes it down, with its data, when whoever started this is gone.
# usage: lifeline.sh LOG DATA COMMAND...   The first line of output is the server's process id. Standard input is the line of life: at its end,
# which comes even when the test process is killed, the server is killed and DATA is removed.
log=$1
data=$2
shift 2
exec 3<&0 2>>"$log"
setsid "$@" </dev/null >>"$log" 2>&1 3<&- &
server=$!
(
  read -r _ <&3
  trap '' TERM
  kill -s KILL -- "-$server"
  # What has not died yet may still write into it.
  for attempt in 1 2 3 4 5 6 7 8 9 10; do
    rm -rf "$data" && break
    sleep 0.2
  done
) >/dev/null 2>&1 &
watch=$!
echo "$server"
exec >/dev/null
wait "$server"
code=$?
# Helpers it left behind (epmd of RabbitMQ) go too.
kill -s KILL -- "-$server" 2>/dev/null
kill "$watch" 2>/dev/null
wait "$watch"
exit "$code"
