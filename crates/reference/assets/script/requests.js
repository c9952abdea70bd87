// What try it sends, and who it says that calls.

const cookie = (name) => {
  const all = document.cookie.split("; ").map((pair) => pair.split("="));
  return all.find(([key]) => key === name)?.slice(1).join("=");
};

const isSignedIn = (session) => Boolean(session && cookie(session.xsrfCookie));

/** Where a request goes, whatever it asks there. */
function targetOf(url) {
  try {
    return new URL(url, location.href).href.split(/[?#]/)[0];
  } catch {
    return url;
  }
}

/** Stops what nobody tries: whatever Swagger UI would fetch because the contract names an address. */
function onlyTried(request, site) {
  if (targetOf(request.url) !== site.tried) throw new Error(`Not fetched: ${request.url}`);
  return request;
}

// Whether the last request counted on the browser's session.
let isSessionUsed = false;

/** Headers, in lower case, and parameters of the query that hold what was entered to say who calls. */
function keysOf(contract, hidden) {
  const isKey = ([name, scheme]) => !hidden.has(name) && isObject(scheme) && scheme.type === "apiKey";
  const keys = securitySchemesOf(contract).filter(isKey).map(([, scheme]) => scheme);
  const named = (place) => keys.filter((scheme) => scheme.in === place).map((scheme) => text(scheme.name));
  return { headers: ["authorization", ...named("header").map((name) => name.toLowerCase())], query: named("query") };
}

/**
 * The browser's session counts where nothing else was entered, and then the API wants the session's random value too.
 * Cookies are left out wherever they do not count, and the browser's own dialogue for passwords with them.
 */
function withSession(request, session, keys) {
  const url = new URL(request.url, location.href);
  const isInHeader = Object.keys(request.headers ?? {}).some((name) => keys.headers.includes(name.toLowerCase()));
  const isAuthorized = isInHeader || keys.query.some((name) => url.searchParams.has(name));
  const isOwn = url.origin === location.origin;
  isSessionUsed = isOwn && !isAuthorized && isSignedIn(session);
  if (isSessionUsed) {
    request.headers[session.xsrfHeader] = cookie(session.xsrfCookie);
    request.credentials = "same-origin";
  } else {
    request.credentials = "omit";
  }
  return request;
}

/**
 * Names of schemes that are not to be entered: cookies, which browsers let no script send, the random value that goes
 * with the session, and what counts together with these only.
 */
function schemesOfBrowser(contract, operations, session) {
  const isHidden = (scheme) =>
    isObject(scheme) &&
    scheme.type === "apiKey" &&
    (scheme.in === "cookie" || (session && text(scheme.name).toLowerCase() === session.xsrfHeader.toLowerCase()));
  const hidden = new Set(securitySchemesOf(contract).filter(([, scheme]) => isHidden(scheme)).map(([name]) => name));
  const stated = [contract.security, ...operations.map(({ item, method }) => item[method].security)];
  const ways = stated.filter(Array.isArray).flat().filter(isObject);
  const named = (ways) => new Set(ways.flatMap((way) => Object.keys(way)));
  const usable = named(offered(ways, hidden));
  return new Set([...hidden, ...[...named(ways)].filter((name) => !usable.has(name))]);
}

/**
 * `SoTicket 7T:…` where `7T:…` was entered: when a header `Authorization` is a key, its description may name the word
 * that stands before it, and the scheme is called like that.
 */
function withSchemeWord(name, authorization) {
  const { schema, value } = authorization;
  const get = (member) => text(schema?.get?.(member));
  const isHeader = get("type") === "apiKey" && get("in") === "header" && get("name").toLowerCase() === "authorization";
  if (!isHeader || typeof value !== "string" || value === "" || /\s/.test(value.trim())) return authorization;
  const quoted = get("description").match(/`[A-Za-z][\w-]*`/g) ?? [];
  const word = quoted.map((word) => word.slice(1, -1)).find((word) => word.toLowerCase() === name.toLowerCase());
  return word ? { ...authorization, value: `${word} ${value.trim()}` } : authorization;
}
