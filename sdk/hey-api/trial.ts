// Plays what docs/sdk.md promises of @hey-api/openapi-ts. Each `passed` is a step that
// `cargo xtask sdk` waits for.

import assert from "node:assert/strict";
import { createClient } from "./generated/client/index.js";
import {
  type ChatSessionEntity,
  v1ChatSessionEntityChatSessionsForUser as list,
  v1ChatSessionEntityPickUpFirstChatSession as pickUp,
} from "./generated/index.js";

const service = setting("SDK_SERVICE");
const later = setting("SDK_LATER_SERVICE");
const ticket = setting("SDK_TICKET");

function setting(name: string): string {
  const value = process.env[name];
  assert(value, `${name} is not set; run \`cargo xtask sdk\``);
  return value;
}

function passed(step: string): void {
  console.log(`passed: ${step}`);
}

// The SDK encodes user and password itself, and asks for each scheme of the contract in turn.
function clientOf(baseUrl: string, scheme: "basic" | "soTicket", secret: string) {
  return createClient({
    baseUrl,
    auth: (asked) =>
      (scheme === "basic" ? asked.scheme === "basic" : asked.name === "Authorization") ? secret : undefined,
  });
}

function session(sessions: ChatSessionEntity[] | undefined, id: number): ChatSessionEntity {
  const found = sessions?.find((each) => each.ChatSessionId === id);
  assert(found, `no session ${id}`);
  return found;
}

const client = clientOf(service, "basic", "tje0:Tje0");

const stranger = await list({ client: clientOf(service, "basic", "tje0:wrong") });
assert.equal(stranger.response?.status, 401);
assert.equal(stranger.error?.Error, true);
const withTicket = await list({ client: clientOf(service, "soTicket", `SoTicket ${ticket}`) });
assert.equal(withTicket.response?.status, 200);
passed("sign-in");

const { data, error } = await list({ client, headers: { "SO-TimeZone": "Europe/Oslo" } });
assert.equal(error, undefined);
assert(data && data.length > 5);
const closed = session(data, 900);
assert.equal(closed.Status, "Closed");
assert.equal(closed.User?.FullName, "Terje Jensen");
assert.equal(closed.WhenRequested, "2026-03-02T09:00:00+01:00");
passed("list");

assert.equal(closed.Person, null);
assert.equal(closed.Ticket?.ClosedAt, null);
passed("null");

// Dates stay the text that the service sent: all seven digits, and the offset.
const created = closed.Ticket?.CreatedAt;
assert.equal(created, "2010-10-19T09:40:58.7363769+02:00");
assert.equal(new Date(created).toISOString(), "2010-10-19T07:40:58.736Z");
passed("date");

let pickedUp = 0;
for (;;) {
  const answer = await pickUp({ client });
  if (answer.error) {
    assert.equal(answer.response?.status, 404);
    assert.equal(answer.error.Error, true);
    assert(answer.error.ErrorMessage.length > 0);
    break;
  }
  pickedUp += 1;
  assert(pickedUp < 100, "the queue has no end");
  assert.equal(answer.data.Status, "UserLast");
  assert(answer.data.LastMessage);
}
assert(pickedUp > 0, "nobody waited");
passed("pickup");
passed("not-found");

const [escalated] = (await list({ client: clientOf(later, "basic", "tje0:Tje0") })).data ?? [];
assert.equal(escalated?.Status, "Escalated");
assert.equal(escalated.Flags, "CustomerIsTyping, CustomerIsRecording");
assert.deepEqual(escalated.Contact?.Address, { Street: { Address1: "Storgata 12" } });
assert.equal(escalated.FieldProperties?.["Status"]?.FieldRight?.Mask, "Read");
passed("unknown-value");
