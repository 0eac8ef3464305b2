"""python consume.py [GROUP]: prints each draft that waits for a person, one JSON line each."""

import json
import os
import signal
import sys

from confluent_kafka import Consumer, KafkaException

login = {}
if "KAFKA_USERNAME" in os.environ:
    login = {
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "SCRAM-SHA-256",
        "sasl.username": os.environ["KAFKA_USERNAME"],
        "sasl.password": os.environ["KAFKA_PASSWORD"],
    }
consumer = Consumer(
    {
        **login,
        "bootstrap.servers": os.environ["KAFKA_BROKERS"],
        "client.id": "crm",
        "group.id": sys.argv[1] if len(sys.argv) > 1 else "opsdesk.crm",
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
    }
)
running = True


def stop(*_):
    global running
    running = False


signal.signal(signal.SIGINT, stop)
signal.signal(signal.SIGTERM, stop)

# Delivery is at least once. Yours is kept where your own work commits.
seen = set()
consumer.subscribe(["ai.draft.review_required.v1"])
while running:
    message = consumer.poll(1.0)
    if message is None:
        continue
    if message.error():
        raise KafkaException(message.error())
    event = json.loads(message.value())
    if event["id"] not in seen:
        seen.add(event["id"])
        data = event["data"]
        line = {
            "reference": data["reference"],
            "externalId": data["externalId"],
            "owner": (data.get("owner") or {}).get("name"),
            "dueBy": data["dueBy"],
            "draft": (data.get("draft") or {}).get("text"),
            "consoleUrl": data["consoleUrl"],
        }
        print(json.dumps(line, ensure_ascii=False), flush=True)
    # Only now: what was not handled comes again after a crash.
    consumer.commit(message, asynchronous=False)
consumer.close()
