# The real program with the miniature in a throw-away folder, for the scripts beside this one, which source it.
#
# PROGRAM   the program to run instead of the debug build
# VENV      a Python environment with requirements.txt (a new one, thrown away)
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../.." && pwd)"
scratch=$(mktemp -d)
server=

stop_server() {
  if [ -n "$server" ]; then
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
    server=
  fi
}
trap 'stop_server; rm -rf "$scratch"' EXIT

# Builds the program and makes the Python environment, where none is given.
prepare() {
  if [ -z "${PROGRAM:-}" ]; then
    cargo build --locked --bin kandinsky-bot --manifest-path "$root/Cargo.toml"
    PROGRAM="${CARGO_TARGET_DIR:-$root/target}/debug/kandinsky-bot"
  fi
  PROGRAM=$(realpath "$PROGRAM")
  if [ -z "${VENV:-}" ]; then
    VENV="$scratch/venv"
    python3 -m venv "$VENV"
    "$VENV/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
  fi
  export PYTHONDONTWRITEBYTECODE=1
}

# Serves with further settings; URL is the API's address, PAGE the chat page's.
start_server() {
  local port
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  export URL="http://127.0.0.1:$port"
  (cd "$scratch" && exec env -u TELOXIDE_TOKEN "$PROGRAM" --data data --port 0 --web-listen "127.0.0.1:$port" "$@" >out 2>err) &
  server=$!
  for _ in $(seq 600); do
    curl --silent --fail "$URL/healthz" >/dev/null && break
    kill -0 "$server" 2>/dev/null || { cat "$scratch/err"; exit 1; }
    sleep 0.1
  done
  PAGE=$(head -1 "$scratch/out")
  export PAGE
}

# A new key.
add_key() {
  "$PROGRAM" key add "$1" --data "$scratch/data" 2>/dev/null
}
