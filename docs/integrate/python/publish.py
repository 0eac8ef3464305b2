"""python publish.py EXTERNAL_ID TEXT: hands one enquiry to the desk."""

import json
import os
import sys

from confluent_kafka import Producer

external_id, text = sys.argv[1:]
event = {
    "specversion": "1.0",
    # The same id with the same content is one enquiry, however often it is sent: send again when in doubt.
    "id": external_id,
    "source": "/crm/it-service",
    "type": "enquiry.submitted",
    "data": {
        "channel": "web",
        "from": {"name": "Maya Lindqvist", "email": "maya@northwind.example"},
        "text": text,
        "externalId": external_id,
    },
}
failures = []


def delivered(error, message):
    if error is not None:
        failures.append(error)
    else:
        print(message.topic(), message.partition(), message.offset())


login = {}
if "KAFKA_USERNAME" in os.environ:
    login = {
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "SCRAM-SHA-256",
        "sasl.username": os.environ["KAFKA_USERNAME"],
        "sasl.password": os.environ["KAFKA_PASSWORD"],
    }
producer = Producer(
    {
        **login,
        "bootstrap.servers": os.environ["KAFKA_BROKERS"],
        "client.id": "crm",
        # No repetition in the topic when an answer of the broker is lost.
        "enable.idempotence": True,
        # As the Java clients and most others place keys; librdkafka's own default is another.
        "partitioner": "murmur2_random",
    }
)
producer.produce(
    "enquiry.submitted.v1",
    # Records with one key stay in order: use what names the conversation.
    key=external_id,
    value=json.dumps(event, ensure_ascii=False),
    headers={"content-type": "application/cloudevents+json"},
    on_delivery=delivered,
)
waiting = producer.flush(30)
if waiting or failures:
    sys.exit(f"not delivered: {failures or 'the broker did not answer'}")
