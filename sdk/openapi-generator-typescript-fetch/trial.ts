// Plays what docs/sdk.md promises of OpenAPI Generator's typescript-fetch. Each `passed` is a step that
// `cargo xtask sdk` waits for.

import assert from "node:assert/strict";
import {
  ChatSessionApi,
  type ChatSessionEntity,
  Configuration,
  type ConfigurationParameters,
  ErrorResponseFromJSON,
  ResponseError,
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

function apiOf(basePath: string, credentials: ConfigurationParameters): ChatSessionApi {
  return new ChatSessionApi(new Configuration({ basePath, ...credentials }));
}

/** The answer that a call was refused with. */
async function refusal(call: Promise<unknown>) {
  try {
    await call;
  } catch (error) {
    assert(error instanceof ResponseError);
    return { status: error.response.status, error: ErrorResponseFromJSON(await error.response.json()) };
  }
  return undefined;
}

function session(sessions: ChatSessionEntity[], id: number): ChatSessionEntity {
  const found = sessions.find((each) => each.chatSessionId === id);
  assert(found, `no session ${id}`);
  return found;
}

const api = apiOf(service, { username: "tje0", password: "Tje0" });

const stranger = apiOf(service, { username: "tje0", password: "wrong" });
const refused = await refusal(stranger.v1ChatSessionEntityChatSessionsForUser());
assert.equal(refused?.status, 401);
assert.equal(refused.error.error, true);
const withTicket = apiOf(service, { apiKey: (name) => (name === "Authorization" ? `SoTicket ${ticket}` : "") });
assert((await withTicket.v1ChatSessionEntityChatSessionsForUser()).length > 5);
passed("sign-in");

const data = await api.v1ChatSessionEntityChatSessionsForUser({ sOTimeZone: "Europe/Oslo" });
assert(data.length > 5);
const closed = session(data, 900);
assert.equal(closed.status, "Closed");
assert.equal(closed.user?.fullName, "Terje Jensen");
assert.equal(closed.whenRequested, "2026-03-02T09:00:00+01:00");
passed("list");

assert.equal(closed.person, null);
assert.equal(closed.ticket?.closedAt, null);
passed("null");

// Dates stay the text that the service sent: all seven digits, and the offset.
const created = closed.ticket?.createdAt;
assert.equal(created, "2010-10-19T09:40:58.7363769+02:00");
assert.equal(new Date(created).toISOString(), "2010-10-19T07:40:58.736Z");
passed("date");

let pickedUp = 0;
const nothing = await refusal(
  (async () => {
    for (; pickedUp < 100; pickedUp += 1) {
      const session = await api.v1ChatSessionEntityPickUpFirstChatSession();
      assert.equal(session.status, "UserLast");
      assert(session.lastMessage);
    }
  })(),
);
assert.equal(nothing?.status, 404);
assert.equal(nothing.error.error, true);
assert(nothing.error.errorMessage.length > 0);
assert(pickedUp > 0, "nobody waited");
passed("pickup");
passed("not-found");

const laterApi = apiOf(later, { username: "tje0", password: "Tje0" });
const [escalated] = await laterApi.v1ChatSessionEntityChatSessionsForUser();
assert.equal(escalated?.status, "Escalated");
assert.equal(escalated.flags, "CustomerIsTyping, CustomerIsRecording");
assert.deepEqual(escalated.contact?.address, { Street: { Address1: "Storgata 12" } });
assert.equal(escalated.fieldProperties?.["Status"]?.fieldRight?.mask, "Read");
passed("unknown-value");
