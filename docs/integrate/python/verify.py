"""python verify.py: takes webhooks on PORT and answers 204 to those that were signed with WEBHOOK_SECRET."""

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks import Webhook, WebhookVerificationError

webhook = Webhook(os.environ["WEBHOOK_SECRET"])
# Delivery is at least once, and a retry keeps its id. Yours is kept where your own work commits.
seen = set()


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        # The signature is of the bytes as they came: parsed and written again they would not fit it.
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        try:
            event = webhook.verify(body, {name.lower(): value for name, value in self.headers.items()})
        except WebhookVerificationError as error:
            self.send_response(400)
            self.end_headers()
            self.wfile.write(str(error).encode())
            return
        id = self.headers["webhook-id"]
        if id not in seen:
            seen.add(id)
            line = {"id": id, "type": event["type"], "reference": event["data"].get("reference")}
            print(json.dumps(line), flush=True)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Receiver)
print("listening", file=sys.stderr, flush=True)
server.serve_forever()
