"""A server with the options, addresses and token of Jupyter Lab, as the source of a module."""

SERVER = """\
import json
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KNOWN = {
    "ServerApp.ip", "ServerApp.port", "ServerApp.port_retries", "ServerApp.open_browser", "ServerApp.allow_root",
    "ServerApp.root_dir", "ServerApp.shutdown_no_activity_timeout", "MappingKernelManager.cull_idle_timeout",
    "MappingKernelManager.cull_interval", "MappingKernelManager.cull_connected",
    "TerminalManager.cull_inactive_timeout",
}


def main():
    given = dict(word.removeprefix("--").split("=", 1) for word in sys.argv[1:] if "=" in word)
    assert set(given) <= KNOWN, set(given) - KNOWN
    token = os.environ["JUPYTER_TOKEN"]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            allowed = self.headers.get("Authorization") == f"token {token}" or self.path.endswith(f"token={token}")
            self.send_response(200 if allowed else 403)
            self.end_headers()
            if allowed and self.path == "/variables":
                self.wfile.write(json.dumps(dict(os.environ, PWD=os.getcwd())).encode())

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer((given["ServerApp.ip"], int(given["ServerApp.port"])), Handler)
    if given["ServerApp.shutdown_no_activity_timeout"] == "0":  # to Jupyter 0 is never; here it is at once
        def end():
            time.sleep(0.2)
            print("No activity; shutting down.", flush=True)
            os._exit(0)
        threading.Thread(target=end).start()
    server.serve_forever()


main()
"""
