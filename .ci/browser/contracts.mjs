// Contracts that are made for a purpose.

const SCRIPTS = "<script>globalThis.hacked=1;alert(1)</script><img src=x onerror=\"globalThis.hacked=1;alert(2)\">";
const TEXT = [
  `</script>${SCRIPTS}`,
  "[click](javascript:alert(3)) ![picture](http://elsewhere.invalid/picture.png)",
  "<iframe src=\"http://elsewhere.invalid/\"></iframe><svg onload=\"globalThis.hacked=1\"></svg>",
  "<style>@import url(http://elsewhere.invalid/a.css); body { background: url(http://elsewhere.invalid/b.png) }</style>",
  "<a href=\"javascript:alert(4)\" style=\"background:url(http://elsewhere.invalid/c.png)\">here</a> ',\"); \\ \u2028 {{title}}",
].join("\n\n");

/** Every text of it tries to run something or to call somebody. */
export const evil = {
  openapi: "3.0.3",
  info: {
    title: `</title></script>${SCRIPTS}`,
    version: `"><script>globalThis.hacked=1</script>`,
    description: TEXT,
    contact: { name: SCRIPTS, url: "javascript:alert(5)" },
  },
  servers: [{ url: "/'; script-src * 'unsafe-inline'", description: SCRIPTS }],
  tags: [{ name: "evil", description: TEXT }, { name: "<img src=x onerror=alert(1)>" }],
  paths: {
    "/evil/<img src=x onerror=alert(6)>": {
      get: {
        tags: ["evil"],
        operationId: "evil",
        summary: `evil ${SCRIPTS}`,
        description: TEXT,
        parameters: [{ name: SCRIPTS, in: "query", description: TEXT, schema: { type: "string", default: SCRIPTS } }],
        responses: {
          200: {
            description: TEXT,
            content: { "application/json": { schema: { $ref: "#/components/schemas/Evil" }, example: { text: TEXT } } },
          },
        },
      },
      post: {
        tags: ["evil", "<img src=x onerror=alert(1)>"],
        operationId: `"><script>alert(9)</script>`,
        responses: { 200: { description: "OK" } },
      },
    },
  },
  components: {
    schemas: {
      Evil: { type: "object", description: TEXT, properties: { [SCRIPTS]: { type: "string", description: TEXT, example: SCRIPTS } } },
    },
    securitySchemes: {
      evil: { type: "openIdConnect", openIdConnectUrl: "http://elsewhere.invalid/openid", description: TEXT },
    },
  },
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
