// go run ./verify: takes webhooks on PORT and answers 204 to those that were signed with WEBHOOK_SECRET.
package main

import (
	"encoding/json"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"sync"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

type delivered struct {
	Type string `json:"type"`
	Data struct {
		Reference string `json:"reference"`
	} `json:"data"`
}

func main() {
	webhook, err := standardwebhooks.NewWebhook(os.Getenv("WEBHOOK_SECRET"))
	if err != nil {
		log.Fatal(err)
	}
	// Delivery is at least once, and a retry keeps its id. Yours is kept where your own work commits.
	var seen sync.Map

	http.HandleFunc("POST /", func(w http.ResponseWriter, r *http.Request) {
		// The signature is of the bytes as they came: parsed and written again they would not fit it.
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		if err == nil {
			err = webhook.Verify(body, r.Header)
		}
		var event delivered
		if err == nil {
			err = json.Unmarshal(body, &event)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		id := r.Header.Get("webhook-id")
		if _, known := seen.LoadOrStore(id, true); !known {
			line := map[string]any{"id": id, "type": event.Type, "reference": event.Data.Reference}
			if err := json.NewEncoder(os.Stdout).Encode(line); err != nil {
				log.Fatal(err)
			}
		}
		w.WriteHeader(http.StatusNoContent)
	})
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Getenv("PORT"))
	if err != nil {
		log.Fatal(err)
	}
	log.Print("listening")
	log.Fatal(http.Serve(listener, nil))
}
