// A watch as far as the band app needs one. Reads {app, steps} from stdin, runs the app and then
// the steps: {write: [uuid, bytes]}, {accel: [x, y, z], after_s}, {set_clock_s}, {disconnect}.
// Writes the notifications, the values that can be read, and what was called.
"use strict";
const asked = JSON.parse(require("fs").readFileSync(0, "utf8"));
const listeners = { accel: new Set(), disconnect: new Set() };
const notified = [];
const called = [];
let offered = {};
let advertised = {};
let clock_s = 1000;

const bytesOf = (value) => Array.from(value instanceof ArrayBuffer ? new Uint8Array(value) : value);
const note = (name) => (...args) => called.push(`${name}(${JSON.stringify(args).slice(1, -1)})`);
const picture = new Proxy({}, { get: (_, name) => (name === "getWidth" ? () => 176 : () => picture) });
const on = (event, f) => listeners[event].add(f);

Object.assign(globalThis, {
  getTime: () => clock_s,
  setTimeout: (f) => f(),
  setInterval: () => 1,
  load: () => {},
  g: picture,
  E: { getBattery: () => 87 },
  Bangle: {
    appRect: {},
    on,
    removeListener: (event, f) => listeners[event].delete(f),
    accelWr: note("accelWr"),
    setPollInterval: note("setPollInterval"),
    setOptions: note("setOptions"),
    setLCDPower: note("setLCDPower"),
    buzz: note("buzz"),
    loadWidgets: () => {},
    drawWidgets: () => {},
    setUI: () => {},
  },
  NRF: {
    on,
    setServices: (services, options) => {
      offered = services;
      advertised = options;
    },
    updateServices: (services) => {
      for (const [service, values] of Object.entries(services))
        for (const [uuid, { value, notify }] of Object.entries(values)) {
          const known = offered[service][uuid];
          const bytes = bytesOf(value);
          if (bytes.length > known.maxLen) throw new Error("too long: " + bytes.length);
          known.value = bytes;
          if (notify && !known.notify) throw new Error(uuid + " cannot notify");
          if (notify) notified.push([uuid, bytes]);
        }
    },
  },
});

(0, eval)(asked.app);
const own = offered[advertised.advertise[0]];
for (const step of asked.steps) {
  if (step.write) own[step.write[0]].onWrite({ data: new Uint8Array(step.write[1]).buffer });
  if (step.set_clock_s) clock_s = step.set_clock_s;
  if (step.disconnect) listeners.disconnect.forEach((f) => f());
  if (step.accel) {
    clock_s += step.after_s;
    const [x, y, z] = step.accel;
    listeners.accel.forEach((f) => f({ x, y, z }));
  }
}
const values = {};
for (const [uuid, one] of Object.entries(own)) if (one.readable) values[uuid] = bytesOf(one.value);
process.stdout.write(JSON.stringify({ notified, called, values, advertised }));
