// Sends the phone's motion to RepSense: DeviceMotion events, ten messages a second.
"use strict";

(() => {
  const SEND_MS = 100;
  const RETRY_MS = 1000;
  // About 20 s of the fastest phone: what a set survives. Beyond it the oldest go.
  const MOST_WAITING = 2500;
  const MOST_IN_A_MESSAGE = 500;
  // A stream that never opened after so many tries is not coming: some browsers refuse it where
  // they have let the person accept the certificate for the page.
  const TRIES = 3;

  const place = `${location.pathname.replace(/\/$/, "")}/motion`;
  const page = Array.from(crypto.getRandomValues(new Uint32Array(2)), (n) => n.toString(36)).join("");
  const inverted = typeof DeviceMotionEvent !== "undefined" &&
    typeof DeviceMotionEvent.requestPermission === "function";
  const say = (text) => { document.getElementById("state").textContent = text; };

  let waiting = [];
  let seq = 0;
  let sent = 0;
  let socket = null;
  let tries = 0;
  let everOpen = false;
  let posting = false;
  let lastEventMs = 0;
  let sentBefore = 0;

  function onMotion(event) {
    const a = event.accelerationIncludingGravity;
    if (!a || a.x === null || a.y === null || a.z === null) return;
    lastEventMs = performance.now();
    waiting.push([event.timeStamp, a.x, a.y, a.z]);
    if (waiting.length > MOST_WAITING) waiting.splice(0, waiting.length - MOST_WAITING);
  }

  function message() {
    const events = waiting.slice(0, MOST_IN_A_MESSAGE);
    return [events.length, JSON.stringify({ v: 1, page, seq, inverted, s: events })];
  }

  function delivered(count) {
    waiting.splice(0, count);
    seq += 1;
    sent += count;
    document.getElementById("sent").textContent = sent;
  }

  async function send() {
    if (!waiting.length) return;
    if (socket && socket.readyState === WebSocket.OPEN && socket.bufferedAmount < 100000) {
      const [count, text] = message();
      socket.send(text);
      delivered(count);
    } else if (!everOpen && tries >= TRIES && !posting) {
      posting = true;
      const [count, text] = message();
      try {
        const answer = await fetch(place, { method: "POST", body: text });
        if (answer.ok) {
          delivered(count);
          say("Measuring.");
        } else {
          say(await answer.text());
          if (answer.status === 400) waiting.splice(0, count);
        }
      } catch {
        say("RepSense does not answer. Trying again.");
        await new Promise((done) => setTimeout(done, RETRY_MS));
      }
      posting = false;
    }
  }

  function connect() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    tries += 1;
    socket = new WebSocket(`${scheme}://${location.host}${place}`);
    socket.onopen = () => { everOpen = true; say("Measuring."); };
    socket.onmessage = (event) => say(event.data);
    socket.onclose = () => {
      if (!everOpen && tries >= TRIES) return;
      say("RepSense does not answer. Trying again; nothing is lost for 20 seconds.");
      setTimeout(connect, RETRY_MS);
    };
  }

  async function stayAwake() {
    try {
      await navigator.wakeLock.request("screen");
    } catch {
      // Not every browser can; the note on the page says what to do.
    }
  }

  function watch() {
    const rate = sent - sentBefore;
    sentBefore = sent;
    document.getElementById("rate").textContent = rate;
    if (performance.now() - lastEventMs > 3000) {
      say("This browser measures no motion. Allow motion sensors in its settings, or use another one.");
    }
  }

  async function start() {
    const button = document.getElementById("start");
    if (!window.isSecureContext) {
      say("Browsers measure motion on encrypted pages only: open the address that begins with https.");
      return;
    }
    if (inverted) {
      const answer = await DeviceMotionEvent.requestPermission().catch(() => "denied");
      if (answer !== "granted") {
        say("The browser was told not to measure motion. Reload the page and allow it.");
        return;
      }
    }
    button.disabled = true;
    button.textContent = "Started";
    say("Connecting.");
    lastEventMs = performance.now();
    window.addEventListener("devicemotion", onMotion);
    connect();
    setInterval(send, SEND_MS);
    setInterval(watch, 1000);
    stayAwake();
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") stayAwake();
    });
  }

  document.getElementById("start").addEventListener("click", start);
})();
