// The contract as the pages of this site need it: its operations by group, and documents of a single operation.
//
// Swagger UI reads a document as YAML and keeps several copies of it, which takes long for thousands of operations, and
// its filter knows tags only. Here it only ever gets what one operation refers to.

const METHODS = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

// Members whose value is data of the API, in which `$ref` is a name like any other.
const DATA = new Set(["default", "enum", "example", "const"]);

// Members of which the keys are names that authors choose: `default` is an answer there, and `example` a property.
const NAMED = new Set([
  "$defs", "callbacks", "content", "definitions", "dependentSchemas", "encoding", "examples", "headers", "links", "parameters",
  "pathItems", "patternProperties", "properties", "requestBodies", "responses", "schemas", "securitySchemes", "variables",
]);

// Members of the document itself that every document of a single operation has.
const FRAME = [
  "openapi", "swagger", "info", "servers", "host", "basePath", "schemes", "consumes", "produces", "security", "externalDocs",
  "jsonSchemaDialect",
];

// Where else references may lead to, what they lead to would be taken for something that it is not.
const MOVED = new Set([...FRAME, "paths", "webhooks", "tags", "x-shared"]);

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const text = (value) => (typeof value === "string" ? value : "");

/** What a pointer such as `#/components/schemas/Person` leads to. */
function lookUp(contract, reference) {
  let value = contract;
  for (const part of steps(reference)) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return undefined;
    value = value[part];
  }
  return value;
}

function steps(reference) {
  const decoded = (part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  };
  const parts = reference.slice(1).split("/").slice(1);
  return parts.map((part) => decoded(part).replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** Follows references that stand in place of a value, as far as they lead somewhere. */
function resolved(contract, value) {
  for (let hops = 0; hops < 10 && isObject(value) && text(value.$ref).startsWith("#/"); hops += 1) {
    value = lookUp(contract, value.$ref);
  }
  return value;
}

/** Every operation with its group, in the order of the contract. */
function operationsOf(contract) {
  const operations = [];
  const ids = new Set();
  for (const [path, stated] of Object.entries(isObject(contract.paths) ? contract.paths : {})) {
    const item = resolved(contract, stated);
    for (const method of METHODS.filter((method) => isObject(item?.[method]))) {
      const operation = item[method];
      let id = text(operation.operationId) || `${method} ${path}`;
      while (ids.has(id)) id += "'";
      ids.add(id);
      const tags = Array.isArray(operation.tags) ? operation.tags.filter((tag) => typeof tag === "string") : [];
      const groups = tags.length > 0 ? tags : ["Operations"];
      operations.push({
        id,
        path,
        method,
        item,
        groups,
        summary: text(operation.summary),
        isDeprecated: operation.deprecated === true,
        hash: `#/${encodeURIComponent(groups[0])}/${encodeURIComponent(id)}`,
      });
    }
  }
  return operations;
}

/** Groups in the order of the contract's tags, then those that only operations name. */
function groupsOf(contract, operations) {
  const groups = new Map();
  const group = (name, description) => {
    if (!groups.has(name)) {
      groups.set(name, { name, description, operations: [], hash: `#/${encodeURIComponent(name)}` });
    }
    return groups.get(name);
  };
  for (const tag of Array.isArray(contract.tags) ? contract.tags : []) {
    if (isObject(tag) && typeof tag.name === "string") group(tag.name, text(tag.description));
  }
  for (const operation of operations) {
    for (const name of new Set(operation.groups)) group(name, "").operations.push(operation);
  }
  return [...groups.values()].filter((group) => group.operations.length > 0);
}

const securitySchemesOf = (contract) => {
  const schemes = contract.components?.securitySchemes ?? contract.securityDefinitions;
  return Object.entries(isObject(schemes) ? schemes : {}).map(([name, scheme]) => [name, resolved(contract, scheme)]);
};

/**
 * A scheme as it can be entered. Tokens of OAuth 2 and OpenID Connect are entered, not fetched: that would call whoever
 * issues them, and Swagger UI asks for OpenID's configuration as soon as it sees an address.
 */
function enterable(scheme, isSwagger2) {
  if (!isObject(scheme) || !["oauth2", "openIdConnect"].includes(scheme.type)) return scheme;
  const description = `${text(scheme.description)}\n\nEnter an access token.`;
  return isSwagger2
    ? { type: "apiKey", in: "header", name: "Authorization", description: `${description} Write \`Bearer\` before it.` }
    : { type: "http", scheme: "bearer", description };
}

/** Whether a pointer's steps lead to what frames state in their own way, or to something around it. */
function isOfFrame([root, kind, ...rest]) {
  return root === "securityDefinitions" || (root === "components" && (kind === "securitySchemes" || rest.length === 0));
}

/** Everything but paths and components, and nothing that the browser does by itself. */
function frameOf(contract, hidden) {
  const frame = Object.fromEntries(FRAME.filter((name) => Object.hasOwn(contract, name)).map((name) => [name, contract[name]]));
  frame.paths = {};
  const isSwagger2 = contract.swagger !== undefined;
  const schemes = securitySchemesOf(contract)
    .filter(([name]) => !hidden.has(name))
    .map(([name, scheme]) => [name, enterable(scheme, isSwagger2)]);
  if (contract.components !== undefined) frame.components = { securitySchemes: Object.fromEntries(schemes) };
  if (contract.securityDefinitions !== undefined) frame.securityDefinitions = Object.fromEntries(schemes);
  if (frame.security !== undefined) frame.security = offered(frame.security, hidden);
  return frame;
}

/** Ways to sign in of which each part can be entered. */
function offered(security, hidden) {
  const isOffered = (way) => isObject(way) && !Object.keys(way).some((name) => hidden.has(name));
  return Array.isArray(security) ? security.filter(isOffered) : security;
}

/** Data of the API. Swagger UI follows a `$ref` in some of it too, which is only a name there: a blank keeps it one. */
function inert(value) {
  if (Array.isArray(value)) return value.map(inert);
  if (!isObject(value)) return value;
  const name = (key, member) => (key === "$ref" && typeof member === "string" ? "$ref " : key);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [name(key, member), inert(member)]));
}

const elsewhere = (address) => `Described elsewhere: ${address}`;

/** A sample by name: what it holds is data too, and what stands in other documents is not fetched. */
function sampleOf(value) {
  if (!isObject(value)) return value;
  const { externalValue, ...sample } = inert(value);
  if (typeof externalValue !== "string") return sample;
  return { ...sample, description: [text(sample.description), elsewhere(externalValue)].filter(Boolean).join("\n\n") };
}

/** A document that holds one operation and all that it refers to. */
function documentOf(contract, operation, hidden) {
  const kept = frameOf(contract, hidden);
  const queue = [];
  const done = new Set();
  const aliases = new Map();

  const referenceTo = (reference) => {
    if (!reference.startsWith("#/")) return null;
    const way = steps(reference);
    if (isOfFrame(way)) return null;
    if (!MOVED.has(way[0])) {
      queue.push([reference, way]);
      return reference;
    }
    if (!aliases.has(reference)) {
      aliases.set(reference, `#/x-shared/${aliases.size}`);
      queue.push([reference, steps(aliases.get(reference))]);
    }
    return aliases.get(reference);
  };

  // In Swagger 2.0 the names are media types.
  const namedSample = (value) => (contract.swagger === undefined ? sampleOf(value) : inert(value));

  const copy = (value, parent) => {
    if (Array.isArray(value)) return value.map((item) => copy(item, ""));
    if (!isObject(value)) return value;
    const result = {};
    for (const [key, member] of Object.entries(value)) {
      if (key === "__proto__") continue;
      const isName = NAMED.has(parent);
      if (!isName && (DATA.has(key) || (key === "examples" && Array.isArray(member)))) {
        result[key] = inert(member);
      } else if (key === "$ref" && typeof member === "string") {
        const reference = referenceTo(member);
        if (reference) result.$ref = reference;
        // What stands in other documents is not fetched.
        else result.description = elsewhere(member);
      } else if (parent === "examples" && text(member?.$ref) === "") {
        result[key] = namedSample(member);
      } else {
        result[key] = copy(member, isName ? "" : key);
      }
    }
    if (parent === "discriminator" && isObject(value.mapping)) {
      for (const target of Object.values(value.mapping)) if (typeof target === "string") referenceTo(target);
    }
    return result;
  };

  const { item } = operation;
  const shared = Object.entries(item).filter(([key]) => !METHODS.includes(key) && key !== "$ref");
  const own = copy(item[operation.method], "");
  own.tags = [operation.groups[0]];
  if (own.security !== undefined) own.security = offered(own.security, hidden);
  kept.paths[operation.path] = { ...copy(Object.fromEntries(shared), ""), [operation.method]: own };

  for (let next = queue.pop(); next; next = queue.pop()) {
    const [reference, way] = next;
    if (done.has(reference)) continue;
    done.add(reference);
    const target = lookUp(contract, reference);
    let place = kept;
    for (const part of way.slice(0, -1)) {
      if (!Object.hasOwn(place, part)) place[part] = {};
      place = place[part];
      if (typeof place !== "object" || place === null) break;
    }
    const last = way.at(-1);
    if (target === undefined || typeof place !== "object" || place === null || last === "__proto__") continue;
    place[last] = way.at(-2) === "examples" ? namedSample(target) : copy(target, "");
  }
  return kept;
}
