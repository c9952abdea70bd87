// Answers that are streams of events: shown as they come. Swagger UI shows an answer once it has ended, and these do not.

// When a stream is stopped for those who do not stop it: it keeps a connection of the server, and Swagger UI takes long to
// colour a longer answer.
const STREAM_MS = 300_000;
const STREAM_CHARACTERS = 50_000;

// What comes within this time is painted at once.
const PAINT_MS = 100;

const isEvents = (response) => /^\s*text\/event-stream\s*(;|$)/i.test(response.headers.get("content-type") ?? "");

/** How many events a text has that are complete: lines of data, up to an empty line. */
function eventsIn(text) {
  const lines = text.split(/\r\n|\n|\r/);
  let events = 0;
  let hasData = false;
  // What stands behind the last line end is not complete.
  for (const line of lines.slice(0, -1)) {
    if (line === "" && hasData) events += 1;
    hasData = line !== "" && (hasData || /^data(:|$)/.test(line));
  }
  return events;
}

/** Sends requests, and keeps the one stream that is shown. */
function streams() {
  // `text`, whether it `isOpen`, why it `ended`, and `end` to end it.
  let shown;
  let isAsked = false;
  const watchers = new Set();

  const tell = () => {
    isAsked = false;
    for (const watcher of watchers) watcher();
  };
  const tellSoon = () => {
    if (!isAsked) setTimeout(tell, PAINT_MS);
    isAsked = true;
  };

  /** Reads until the stream ends, or is ended. */
  async function follow(response, halt) {
    const stream = { text: "", isOpen: true, ended: "" };
    stream.end = (why) => {
      stream.ended ||= why;
      halt.abort();
    };
    shown = stream;
    tell();
    const late = setTimeout(stream.end, STREAM_MS, `Stopped after ${STREAM_MS / 60_000} minutes.`);
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    try {
      for (let isDone = false; !isDone; tellSoon()) {
        const { done, value } = await reader.read();
        isDone = done;
        stream.text += decoder.decode(value, { stream: !done });
        if (done) stream.ended ||= "The server ended it.";
        if (stream.text.length > STREAM_CHARACTERS) {
          stream.text = stream.text.slice(0, STREAM_CHARACTERS);
          stream.end(`Stopped after ${STREAM_CHARACTERS.toLocaleString("en")} characters.`);
        }
      }
    } catch (error) {
      stream.ended ||= `The connection broke: ${error.message}.`;
    } finally {
      clearTimeout(late);
      stream.isOpen = false;
      tell();
    }
    return stream.text;
  }

  return {
    get shown() {
      return shown;
    },
    /** Calls back on every change, until the function that is answered is called. */
    watch(watcher) {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    stop() {
      shown?.end("Stopped.");
    },
    /** Stops, and shows nothing. */
    clear() {
      shown?.end("Stopped.");
      shown = undefined;
      tell();
    },
    /** As `fetch`, but a stream of events is followed, and answers what came of it until then. */
    async fetch(url, request) {
      this.clear();
      const halt = new AbortController();
      const response = await fetch(url, { ...request, signal: halt.signal });
      if (!isEvents(response) || !response.body) return response;
      const { status, statusText, headers } = response;
      return new Response(await follow(response, halt), { status, statusText, headers });
    },
  };
}

/** What came of the stream so far, while it is open, and in words what becomes of it. */
function streamView(React, streams) {
  const h = React.createElement;
  return () => {
    const [, paint] = React.useReducer((count) => count + 1, 0);
    const place = React.useRef(null);
    // Whoever has scrolled back reads on there.
    const isAtEnd = React.useRef(true);
    const section = React.useRef(null);
    React.useEffect(() => streams.watch(paint), []);
    React.useLayoutEffect(() => {
      if (place.current && isAtEnd.current) place.current.scrollTop = place.current.scrollHeight;
    });
    const { shown } = streams;
    if (!shown) return null;
    const onScroll = ({ target }) => {
      isAtEnd.current = target.scrollHeight - target.scrollTop - target.clientHeight < 10;
    };
    const onStop = () => {
      streams.stop();
      // The button is about to go, and the focus with it.
      section.current?.focus();
    };
    return h(
      "section",
      { className: shown.isOpen ? "stream open" : "stream", "aria-label": "Stream", tabIndex: -1, ref: section },
      h(
        "div",
        { className: "stream-state" },
        h("p", { role: "status" }, shown.isOpen ? "The stream is open; events are shown as they come." : shown.ended),
        h("p", {}, plural(eventsIn(shown.text), "event")),
        shown.isOpen && h("button", { type: "button", className: "btn cancel", onClick: onStop }, "Stop"),
      ),
      // What came of it is the answer afterwards, where answers are.
      shown.isOpen && h("pre", { className: "microlight", tabIndex: 0, "aria-label": "Events", ref: place, onScroll }, shown.text),
    );
  };
}
