// Contracts that are made for a purpose.

const SCRIPTS = "<script>globalThis.hacked=1;alert(1)</script><img src=x onerror=\"globalThis.hacked=1;alert(2)\">";

/** Tries to run something, or to call this address or the site's own. */
const hostile = (address) =>
  [
    `</script>${SCRIPTS}`,
    `[click](javascript:alert(3)) ![picture](${address}/picture.png) ![own](own.png)`,
    `<iframe src="${address}/frame"></iframe><svg onload="globalThis.hacked=1"></svg>`,
    `<style>@import url(${address}/a.css); body { background: url(${address}/b.png) }</style>`,
    `<a href="javascript:alert(4)" style="background:url(${address}/c.png)">here</a> ',"); \\ \u2028 {{title}}`,
  ].join("\n\n");

// Ways to write a reference to what tells how to sign in, or to what holds it.
const SCHEMES = {
  components: [
    "#/components/securitySchemes/evil",
    "#/%63omponents/securitySchemes/pass~1word",
    "#/components/security%53chemes",
    "#/components",
  ],
  securityDefinitions: ["#/securityDefinitions/pass~1word", "#/%73ecurityDefinitions"],
};

/**
 * Every text of these tries to run something, and every address to be called: `address` is one that the contract's server
 * has, so that the policy of the page admits it. By version of OpenAPI.
 */
export const evil = (address) =>
  Object.fromEntries(["3.0.3", "3.1.0", "2.0"].map((version) => [version, evilOf(version, address)]));

function evilOf(version, address) {
  const text = hostile(address);
  const isSwagger2 = version === "2.0";
  const far = (name) => ({ $ref: `${address}/${name}` });
  const content = (media) => (isSwagger2 ? { schema: media.schema } : { content: { "application/json": media } });
  const answers = (media) => ({ 200: { description: text, ...content(media) } });
  const parameter = (name, schema) => ({ name, in: "query", description: text, ...(isSwagger2 ? schema : { schema }) });
  const schema = { $ref: isSwagger2 ? "#/definitions/Evil" : "#/components/schemas/Evil" };
  const password = { tokenUrl: `${address}/token`, scopes: {} };
  const schemes = {
    "pass/word": { type: "oauth2", ...(isSwagger2 ? { flow: "password", ...password } : { flows: { password } }) },
    key: { type: "apiKey", in: "header", name: "X-Key", description: text },
  };
  if (!isSwagger2) {
    schemes.evil = { type: "openIdConnect", openIdConnectUrl: `${address}/openid`, description: text };
    // A name that every object has.
    schemes.inherited = { type: "constructor" };
  }
  const schemas = {
    Evil: {
      type: "object",
      description: text,
      default: far("default"),
      enum: [far("enum"), { nested: [far("nested")] }],
      example: { text, nested: far("example") },
      properties: {
        [SCRIPTS]: { type: "string", description: text, example: SCRIPTS, default: far("property") },
      },
      // Where nobody reads it, it is copied all the same.
      "x-schemes": SCHEMES[isSwagger2 ? "securityDefinitions" : "components"].map(($ref) => ({ $ref })),
    },
    // What a browser must not fetch either, whether or not it can be shown then.
    Fetching: {
      $id: `${address}/id`,
      $schema: `${address}/schema`,
      type: "object",
      properties: {
        inside: { $ref: "#/components/schemas/Evil" },
        dynamic: { $dynamicRef: `${address}/dynamic` },
      },
      discriminator: { propertyName: "kind", mapping: { far: `${address}/mapping` } },
    },
  };
  return {
    ...(isSwagger2 ? { swagger: version, host: new URL(address).host, schemes: ["http"] } : { openapi: version }),
    info: {
      title: `</title></script>${SCRIPTS}`,
      version: `"><script>globalThis.hacked=1</script>`,
      description: text,
      contact: { name: SCRIPTS, url: "javascript:alert(5)" },
    },
    servers: [{ url: address }, { url: "/'; script-src * 'unsafe-inline'", description: SCRIPTS }],
    security: Object.keys(schemes).map((name) => ({ [name]: [] })),
    tags: [{ name: "evil", description: text }, { name: "<img src=x onerror=alert(1)>" }],
    paths: {
      "/evil/<img src=x onerror=alert(6)>": {
        get: {
          tags: ["evil"],
          operationId: "evil",
          summary: `evil ${SCRIPTS}`,
          description: text,
          parameters: [parameter(SCRIPTS, { type: "string", default: SCRIPTS })],
          responses: {
            ...answers({ schema, example: { text, nested: far("sample") } }),
            201: { description: text, ...content({ schema: {}, examples: { far: { externalValue: `${address}/external` } } }) },
          },
        },
        post: {
          tags: ["evil", "<img src=x onerror=alert(1)>"],
          operationId: `"><script>alert(9)</script>`,
          responses: { 200: { description: "OK" } },
        },
        put: {
          tags: ["evil"],
          operationId: "fetching",
          responses: {
            200: {
              description: "OK",
              links: { far: { operationRef: `${address}/operation` } },
              ...content({ schema: isSwagger2 ? schema : { $ref: "#/components/schemas/Fetching" }, examples: far("examples") }),
            },
            201: {
              description: "A schema that holds a sample which only looks like data.",
              ...content({ schema: { $ref: "#/x-box" }, examples: { boxed: { $ref: "#/x-box/example" } } }),
            },
          },
        },
      },
      "/tried": {
        get: {
          tags: ["evil"],
          operationId: "tried",
          parameters: [parameter("q", { type: "string", default: "a b" })],
          responses: { 200: { description: "OK" } },
        },
      },
    },
    ...(isSwagger2 ? { definitions: { Evil: schemas.Evil }, securityDefinitions: schemes } : {}),
    "x-box": { type: "object", example: { externalValue: `${address}/boxed` } },
    ...(isSwagger2 ? {} : { components: { schemas, securitySchemes: schemes } }),
  };
}

/** A single operation, which streams events from this address; by version of OpenAPI. */
export const streaming = (address) => {
  const frame = { info: { title: "Ticks", version: "1.0.0" } };
  const answer = (media) => ({ get: { tags: ["Clock"], operationId: "ticks", ...media } });
  const content = { "text/event-stream": { schema: { type: "string" } } };
  const modern = { servers: [{ url: address }], paths: { "/ticks": answer({ responses: { 200: { description: "OK", content } } }) } };
  const old = answer({ produces: ["text/event-stream"], responses: { 200: { description: "OK", schema: { type: "string" } } } });
  return {
    "3.0.3": { openapi: "3.0.3", ...frame, ...modern },
    "3.1.0": { openapi: "3.1.0", ...frame, ...modern },
    "2.0": { swagger: "2.0", ...frame, host: new URL(address).host, schemes: ["http"], paths: { "/ticks": old } },
  };
};

const OPERATIONS = 2_800;
const GROUPS = 100;

/** As large as the references that this is for: thousands of operations, some megabytes. */
export function large() {
  const object = (index) => ({
    type: "object",
    description: `Thing number ${index}.`,
    properties: Object.fromEntries(
      Array.from({ length: 30 }, (_, property) => [
        `Property${property}`,
        property === 0
          ? { $ref: `#/components/schemas/Thing${(index + 1) % 300}` }
          : { type: "string", nullable: true, description: `What is said of property ${property} of thing ${index}.` },
      ]),
    ),
  });
  const sample = (index) =>
    Object.fromEntries(Array.from({ length: 60 }, (_, property) => [`Property${property}`, `Sample ${property} of ${index}, as long as samples are`]));
  const operation = (index) => ({
    tags: [`Group${index % GROUPS}`],
    operationId: `Thing${index}`,
    summary: `Gets thing ${index} with everything that belongs to it.`,
    description: "A text of some length, as references have. ".repeat(5),
    parameters: [{ name: "id", in: "path", required: true, description: "Which one.", schema: { type: "integer" } }],
    responses: {
      200: {
        description: "OK",
        content: {
          "application/json": { schema: { $ref: `#/components/schemas/Thing${index % 300}` }, example: sample(index) },
          "text/json": { schema: { type: "object" }, examples: { default: { $ref: "#/components/examples/Sample" } } },
        },
      },
      default: { $ref: "#/components/responses/Problem" },
    },
  });
  const paths = Array.from({ length: OPERATIONS }, (_, index) => [`/api/v1/Thing${index}/{id}`, { get: operation(index) }]);
  const schemas = Array.from({ length: 300 }, (_, index) => [`Thing${index}`, object(index)]);
  return {
    openapi: "3.0.3",
    info: { title: "Things", version: "1.0.0" },
    paths: Object.fromEntries(paths),
    components: {
      schemas: Object.fromEntries(schemas),
      examples: { Sample: { value: { $ref: "no reference, but data" } } },
      responses: { Problem: { description: "What went wrong.", content: { "application/json": { schema: { type: "string" } } } } },
    },
  };
}
