// go run ./consume [GROUP]: prints each draft that waits for a person, one JSON line each.
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl/scram"
)

// What this program needs of the event; there is more in it, and more will come.
type reviewRequired struct {
	ID   string `json:"id"`
	Data struct {
		Reference  string                 `json:"reference"`
		ExternalID *string                `json:"externalId"`
		Owner      *struct{ Name string } `json:"owner"`
		DueBy      string                 `json:"dueBy"`
		Draft      *struct{ Text string } `json:"draft"`
		ConsoleURL string                 `json:"consoleUrl"`
	} `json:"data"`
}

func main() {
	group := "opsdesk.crm"
	if len(os.Args) > 1 {
		group = os.Args[1]
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	client, err := kgo.NewClient(
		kgo.SeedBrokers(strings.Split(os.Getenv("KAFKA_BROKERS"), ",")...),
		kgo.ClientID("crm"),
		login(),
		kgo.ConsumerGroup(group),
		kgo.ConsumeTopics("ai.draft.review_required.v1"),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.DisableAutoCommit(),
	)
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	// Delivery is at least once. Yours is kept where your own work commits.
	seen := map[string]bool{}
	for {
		fetches := client.PollFetches(ctx)
		if ctx.Err() != nil {
			return
		}
		fetches.EachError(func(topic string, partition int32, err error) {
			log.Fatalf("%s %d: %v", topic, partition, err)
		})
		for _, record := range fetches.Records() {
			var event reviewRequired
			if err := json.Unmarshal(record.Value, &event); err != nil {
				log.Fatal(err)
			}
			if !seen[event.ID] {
				seen[event.ID] = true
				print(event)
			}
			// Only now: what was not handled comes again after a crash.
			if err := client.CommitRecords(ctx, record); err != nil {
				log.Fatal(err)
			}
		}
	}
}

func print(event reviewRequired) {
	data := event.Data
	line := map[string]any{
		"reference": data.Reference, "externalId": data.ExternalID, "dueBy": data.DueBy, "consoleUrl": data.ConsoleURL,
	}
	if data.Owner != nil {
		line["owner"] = data.Owner.Name
	}
	if data.Draft != nil {
		line["draft"] = data.Draft.Text
	}
	if err := json.NewEncoder(os.Stdout).Encode(line); err != nil {
		log.Fatal(err)
	}
}

// login is nothing where KAFKA_USERNAME is not set.
func login() kgo.Opt {
	user, password := os.Getenv("KAFKA_USERNAME"), os.Getenv("KAFKA_PASSWORD")
	if user == "" {
		return kgo.SASL()
	}
	return kgo.SASL(scram.Auth{User: user, Pass: password}.AsSha256Mechanism())
}
