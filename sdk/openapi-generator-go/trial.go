// Plays what docs/sdk.md promises of OpenAPI Generator's go. Each `passed` is a step that `cargo xtask sdk` waits for.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"trial/generated"
)

func passed(step string) {
	fmt.Println("passed:", step)
}

func require(holds bool, what string) {
	if !holds {
		log.Fatalf("not so: %s", what)
	}
}

func clientOf(url string) *chatsession.APIClient {
	configuration := chatsession.NewConfiguration()
	configuration.Servers = chatsession.ServerConfigurations{{URL: url}}
	return chatsession.NewAPIClient(configuration)
}

func basic(user, password string) context.Context {
	credentials := chatsession.BasicAuth{UserName: user, Password: password}
	return context.WithValue(context.Background(), chatsession.ContextBasicAuth, credentials)
}

// refusal is the documented body that a call was refused with.
func refusal(err error) chatsession.ErrorResponse {
	var refused *chatsession.GenericOpenAPIError
	require(errors.As(err, &refused), "an error of the SDK")
	body, typed := refused.Model().(chatsession.ErrorResponse)
	require(typed, "the documented body of an error")
	return body
}

func main() {
	service, later := clientOf(os.Getenv("SDK_SERVICE")), clientOf(os.Getenv("SDK_LATER_SERVICE"))
	signedIn := basic("tje0", "Tje0")

	_, answer, err := service.ChatSessionAPI.V1ChatSessionEntityChatSessionsForUser(basic("tje0", "wrong")).Execute()
	require(answer != nil && answer.StatusCode == 401, "a wrong password is refused")
	require(refusal(err).Error, "the error says that it is one")
	ticket := map[string]chatsession.APIKey{"soTicket": {Key: os.Getenv("SDK_TICKET"), Prefix: "SoTicket"}}
	withTicket := context.WithValue(context.Background(), chatsession.ContextAPIKeys, ticket)
	_, _, err = service.ChatSessionAPI.V1ChatSessionEntityChatSessionsForUser(withTicket).Execute()
	require(err == nil, "a ticket lets in")
	passed("sign-in")

	sessions, _, err := service.ChatSessionAPI.V1ChatSessionEntityChatSessionsForUser(signedIn).
		SOTimeZone("Europe/Oslo").Execute()
	require(err == nil && len(sessions) > 5, "the list")
	var closed chatsession.ChatSessionEntity
	for _, session := range sessions {
		if session.GetChatSessionId() == 900 {
			closed = session
		}
	}
	require(closed.GetStatus() == "Closed", "the status")
	user, ticketOfSession := closed.GetUser(), closed.GetTicket()
	require(user.GetFullName() == "Terje Jensen", "the agent")
	require(closed.GetWhenRequested().Format(time.RFC3339Nano) == "2026-03-02T09:00:00+01:00", "the time of the request")
	passed("list")

	person, isSet := closed.GetPersonOk()
	require(person == nil && isSet, "a person that is null")
	closedAt, isSet := ticketOfSession.GetClosedAtOk()
	require(closedAt == nil && isSet, "a date that is null")
	passed("null")

	created := ticketOfSession.GetCreatedAt().Format(time.RFC3339Nano)
	require(created == "2010-10-19T09:40:58.7363769+02:00", created)
	passed("date")

	pickedUp := 0
	for ; pickedUp < 100; pickedUp++ {
		var session *chatsession.ChatSessionEntity
		session, answer, err = service.ChatSessionAPI.V1ChatSessionEntityPickUpFirstChatSession(signedIn).Execute()
		if err != nil {
			break
		}
		require(session.GetStatus() == "UserLast" && session.GetLastMessage() != "", "a session that was picked up")
	}
	require(pickedUp > 0, "somebody waited")
	passed("pickup")
	require(answer.StatusCode == 404, "the end of the queue")
	nothing := refusal(err)
	require(nothing.Error && nothing.ErrorMessage != "", "the documented body of a 404")
	passed("not-found")

	sessions, _, err = later.ChatSessionAPI.V1ChatSessionEntityChatSessionsForUser(signedIn).Execute()
	require(err == nil && len(sessions) == 1, "the list of a later service")
	escalated := sessions[0]
	require(escalated.GetStatus() == "Escalated", "a status that is not known")
	require(escalated.GetFlags() == "CustomerIsTyping, CustomerIsRecording", "a flag that is not known")
	// What the contract does not know is kept aside.
	sentiment, err := json.Marshal(escalated.AdditionalProperties["Sentiment"])
	require(err == nil && string(sentiment) == `{"Score":0.25,"Words":["slow","desk"]}`, string(sentiment))
	passed("unknown-value")
}
