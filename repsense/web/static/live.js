/* Draws what the hub sends (repsense/web/hub.py): views of wearers, and where their wrists are.
   Everything that moves between two messages, moves here: the rest clock and the aim in the tempo bar. */
"use strict";
(() => {
  const ui = (window.repsense = window.repsense || {});
  ui.delays_ms = []; // from the event in the server to the frame that shows it
  const cards = new Map();
  const LEFT_REST = 0.12; // the way from which a stroke has begun
  const KEPT_DELAYS = 500;
  const on = (name) => localStorage.getItem(`repsense.${name}`) === "yes";

  function makeCard(wearer) {
    const card = document.createElement("section");
    card.className = "w-card";
    card.innerHTML = `
      <div class="w-top"><h2 class="w-name"></h2><span class="w-sensor"></span></div>
      <div class="w-head"><div><div class="w-exercise"></div><div class="w-plan"></div></div>
        <button type="button" class="w-end" hidden></button></div>
      <div class="w-body">
        <div class="w-number"><div>
          <div class="w-rest" role="timer"></div>
          <div class="w-count" aria-hidden="true"></div><div class="w-caption" aria-hidden="true"></div>
          <div class="rs-hidden w-said" aria-live="polite"></div>
        </div></div>
        <div class="w-bar" role="img"><div class="w-fill"></div><div class="w-ghost" hidden></div></div>
      </div>
      <dl class="w-tempo">
        <div><dt>Lift</dt><dd></dd></div><div><dt>Hold</dt><dd></dd></div><div><dt>Lower</dt><dd></dd></div>
      </dl>
      <div class="w-light"><b></b><span></span></div>`;
    card.dataset.wearer = wearer;
    card.setAttribute("aria-label", wearer);
    card.querySelector(".w-bar").setAttribute("aria-label", "Tempo: how far the weight is lifted");
    const find = (name) => card.querySelector(`.w-${name}`);
    const parts = {};
    for (const name of ["name", "sensor", "exercise", "plan", "rest", "count", "caption", "said", "fill", "ghost", "light", "end"]) {
      parts[name] = find(name);
    }
    parts.phases = [...card.querySelectorAll("dd")];
    parts.name.textContent = wearer;
    parts.end.addEventListener("click", () => send({ end_set: wearer }));
    const made = { card, parts, view: null, position: null, strokeAt: null };
    document.getElementById("waiting")?.remove();
    const after = [...cards.keys()].sort().find((name) => name > wearer);
    document.getElementById("wearers").insertBefore(card, after ? cards.get(after).card : null);
    cards.set(wearer, made);
    return made;
  }

  function show(view, atMs) {
    const made = cards.get(view.wearer) || makeCard(view.wearer);
    const before = made.view;
    made.view = view;
    made.restZero = view.rest_s === null ? null : performance.now() - view.rest_s * 1000;
    const { card, parts } = made;
    card.dataset.phase = view.phase;
    parts.count.textContent = view.count;
    parts.count.classList.toggle("maybe", view.provisional);
    parts.count.classList.toggle("one", view.count < 10);
    parts.count.classList.toggle("three", view.count > 99);
    parts.caption.textContent = view.caption;
    parts.exercise.textContent = view.exercise;
    parts.plan.textContent = view.plan;
    parts.end.textContent = view.end_word;
    parts.end.hidden = !view.end_word || document.getElementById("wearers").dataset.ends !== "yes";
    parts.sensor.textContent = view.battery ? `${view.sensor} · ${view.battery}` : view.sensor;
    parts.sensor.classList.toggle("bad", !view.sensor_good || view.battery_low);
    parts.light.dataset.light = view.light;
    parts.light.firstElementChild.textContent = view.light_word;
    parts.light.lastElementChild.textContent = view.words;
    parts.phases.forEach((cell, i) => {
      cell.textContent = view.tempo.length ? `${view.tempo[i].toFixed(1)} s ` : "– ";
      if (view.aim.length) {
        const aim = document.createElement("small");
        aim.textContent = `aim ${view.aim[i].toFixed(1)}`;
        cell.append(aim);
      }
    });
    if (view.phase !== "set") move(made, null);
    if (!before || before.count !== view.count || before.phase !== view.phase) {
      parts.said.textContent = `${view.wearer}: ${view.count} ${view.caption}`;
    }
    if (before) speak(before, view);
    measure(atMs);
  }

  function measure(atMs) {
    // The frame after the next one begins when this one has been painted.
    requestAnimationFrame(() => requestAnimationFrame(() => {
      ui.delays_ms.push(Date.now() - atMs);
      if (ui.delays_ms.length > KEPT_DELAYS) ui.delays_ms.shift();
    }));
  }

  function move(made, position) {
    const { fill, ghost } = made.parts;
    if (position === null) {
      made.strokeAt = null;
      ghost.hidden = true;
      fill.style.transform = "scaleY(0)";
      made.position = null;
      return;
    }
    const lifted = made.view.lift_first ? position : 1 - position;
    const was = made.position === null ? 0 : made.view.lift_first ? made.position : 1 - made.position;
    if (was < LEFT_REST && lifted >= LEFT_REST) made.strokeAt = performance.now();
    made.position = position;
    fill.style.transform = `scaleY(${position})`;
  }

  /** How far the weight should be lifted, `s` seconds into a rep at the tempo to aim for. */
  function aimAt(s, [lift, hold, lower], liftFirst) {
    const [first, last] = liftFirst ? [lift, lower] : [lower, lift];
    let way = 0;
    if (s < first) way = s / first;
    else if (s < first + hold) way = 1;
    else if (s < first + hold + last) way = 1 - (s - first - hold) / last;
    return liftFirst ? way : 1 - way;
  }
  ui.aimAt = aimAt;

  function tick() {
    const now = performance.now();
    for (const made of cards.values()) {
      const { view, parts } = made;
      if (made.restZero !== null && view.phase === "rest") {
        const rested = Math.max((now - made.restZero) / 1000, 0);
        const left = view.rest_aim_s === null ? rested : view.rest_aim_s - rested;
        const text = clock(Math.abs(left));
        const shown = left < 0 && Math.ceil(left) < 0 ? `+${text}` : text;
        if (parts.rest.textContent !== shown) parts.rest.textContent = shown;
        parts.rest.classList.toggle("over", left < 0);
        parts.rest.setAttribute("aria-label", view.rest_aim_s === null ? "Rest so far" : "Rest left");
      }
      const aiming = made.strokeAt !== null && view.aim.length > 0;
      parts.ghost.hidden = !aiming;
      if (aiming) {
        const way = aimAt((now - made.strokeAt) / 1000, view.aim, view.lift_first);
        parts.ghost.style.bottom = `calc(${way * 100}% - ${way * 5}px)`;
      }
    }
    requestAnimationFrame(tick);
  }

  function clock(seconds) {
    const whole = Math.floor(seconds);
    return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
  }

  /* -- sound ------------------------------------------------------------------------------------- */
  let audio = null;
  function beep(hz, ms) {
    audio = audio || new AudioContext();
    // Browsers hold sound back until somebody has touched the page; from then on it may be resumed.
    if (audio.state === "suspended") audio.resume();
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.frequency.value = hz;
    volume.gain.setValueAtTime(0.25, audio.currentTime);
    volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + ms / 1000);
    tone.connect(volume).connect(audio.destination);
    tone.start();
    tone.stop(audio.currentTime + ms / 1000);
  }
  function say(text) {
    if (!window.speechSynthesis) return;
    speechSynthesis.cancel();
    const words = new SpeechSynthesisUtterance(text);
    words.rate = 1.15;
    speechSynthesis.speak(words);
  }
  function speak(before, view) {
    const counted = view.phase === "set" && view.count > 0 && (before.count !== view.count || before.phase !== "set");
    const finished = before.phase === "set" && view.phase === "rest";
    const cue = view.words && view.words !== before.words && view.phase === "set";
    if (on("beeps")) {
      if (counted) beep(view.light === "red" ? 330 : 880, 120);
      if (finished) beep(587, 500);
    }
    if (on("voice")) {
      if (cue && !counted) say(view.words);
      else if (counted) say(cue ? `${view.count}. ${view.words}` : String(view.count));
      else if (finished) say(`${view.count} reps. Rest.`);
    }
  }

  /* -- the tools --------------------------------------------------------------------------------- */
  let lock = null;
  async function keepAwake() {
    if (!on("awake") || !navigator.wakeLock || document.visibilityState !== "visible") {
      await lock?.release();
      lock = null;
      return;
    }
    lock = await navigator.wakeLock.request("screen").catch(() => null);
  }
  function toggle(name, changed) {
    const button = document.getElementById(name);
    const say = () => button.setAttribute("aria-pressed", String(on(name)));
    button.addEventListener("click", () => {
      localStorage.setItem(`repsense.${name}`, on(name) ? "no" : "yes");
      say();
      changed();
    });
    say();
  }
  function tools() {
    toggle("voice", () => on("voice") && say("Voice on"));
    toggle("beeps", () => on("beeps") && beep(880, 120));
    toggle("awake", keepAwake);
    if (!navigator.wakeLock) {
      const button = document.getElementById("awake");
      button.disabled = true;
      button.title = "The browser keeps the screen on only for pages over https";
    }
    addEventListener("visibilitychange", keepAwake);
    keepAwake();
    const theme = document.getElementById("theme");
    theme.removeAttribute("aria-pressed");
    theme.addEventListener("click", () => {
      ui.setTheme(document.body.classList.contains("body--dark") ? "light" : "dark");
    });
    document.getElementById("pair")?.addEventListener("click", () => document.getElementById("pairing").showModal());
  }

  /* -- the stream -------------------------------------------------------------------------------- */
  let waitMs = 250;
  let socket = null;
  function send(message) {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
  }
  let refusal = 0;
  function refuse(why) {
    const shown = document.getElementById("refused");
    shown.textContent = why;
    shown.hidden = false;
    clearTimeout(refusal);
    refusal = setTimeout(() => { shown.hidden = true; }, 6000);
  }
  function connect() {
    socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/live`);
    const offline = document.getElementById("offline");
    socket.onopen = () => { waitMs = 250; offline.hidden = true; };
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.view) show(message.view, message.at_ms);
      if (message.refused) refuse(message.refused);
      for (const [wearer, position] of Object.entries(message.positions || {})) {
        const made = cards.get(wearer);
        if (made) move(made, made.view.phase === "set" ? position : null);
      }
    };
    socket.onclose = () => {
      offline.hidden = false;
      setTimeout(connect, waitMs);
      waitMs = Math.min(waitMs * 2, 4000);
    };
  }

  const begin = () => {
    if (!document.getElementById("wearers")) return setTimeout(begin, 20); // Vue has not drawn yet
    tools();
    connect();
    requestAnimationFrame(tick);
  };
  begin();
})();
