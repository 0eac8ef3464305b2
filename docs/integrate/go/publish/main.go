// go run ./publish EXTERNAL_ID TEXT: hands one enquiry to the desk.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl/scram"
)

func main() {
	externalID, text := os.Args[1], os.Args[2]
	event, err := json.Marshal(map[string]any{
		"specversion": "1.0",
		// The same id with the same content is one enquiry, however often it is sent: send again when in doubt.
		"id":     externalID,
		"source": "/crm/it-service",
		"type":   "enquiry.submitted",
		"data": map[string]any{
			"channel":    "web",
			"from":       map[string]any{"name": "Maya Lindqvist", "email": "maya@northwind.example"},
			"text":       text,
			"externalId": externalID,
		},
	})
	if err != nil {
		log.Fatal(err)
	}

	// The client is idempotent and waits for all replicas unless it is told otherwise. Its own compression is snappy.
	client, err := kgo.NewClient(
		kgo.SeedBrokers(strings.Split(os.Getenv("KAFKA_BROKERS"), ",")...),
		kgo.ClientID("crm"),
		login(),
		kgo.ProducerBatchCompression(kgo.GzipCompression()),
	)
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	record, err := client.ProduceSync(context.Background(), &kgo.Record{
		Topic: "enquiry.submitted.v1",
		// Records with one key stay in order: use what names the conversation.
		Key:     []byte(externalID),
		Value:   event,
		Headers: []kgo.RecordHeader{{Key: "content-type", Value: []byte("application/cloudevents+json")}},
	}).First()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(record.Topic, record.Partition, record.Offset)
}

// login is nothing where KAFKA_USERNAME is not set.
func login() kgo.Opt {
	user, password := os.Getenv("KAFKA_USERNAME"), os.Getenv("KAFKA_PASSWORD")
	if user == "" {
		return kgo.SASL()
	}
	return kgo.SASL(scram.Auth{User: user, Pass: password}.AsSha256Mechanism())
}
