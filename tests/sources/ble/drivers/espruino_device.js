// A console like Espruino's, as far as the drivers' scripts need one. Reads {typed, events} from
// stdin: runs the first script's lines, sends the events to the listeners of 'accel' (one with
// set_clock_s sets the clock instead), runs the other scripts, sends them again. Writes what was printed and which functions of the device were called.
"use strict";
const asked = JSON.parse(require("fs").readFileSync(0, "utf8"));
const printed = [];
const called = [];
let clock_s = 1000;

function device(name, methods) {
  const listeners = new Set();
  const made = {
    on: (event, f) => listeners.add(f),
    removeListener: (event, f) => called.push(`${name}.removed ${listeners.delete(f)}`),
    emit: (value) => listeners.forEach((f) => f(value)),
  };
  for (const method of methods)
    made[method] = (...args) => called.push(`${name}.${method}(${JSON.stringify(args).slice(1, -1)})`);
  return made;
}

global.getTime = () => clock_s;
global.Bluetooth = { println: (line) => printed.push(line + "\r\n") };
global.Bangle = device("Bangle", ["accelWr", "setPollInterval", "setOptions", "buzz"]);
global.Puck = device("Puck", ["accelOn", "accelOff"]);
global.LED1 = 1;
global.LED2 = 2;
global.digitalPulse = (...args) => called.push(`digitalPulse(${JSON.stringify(args).slice(1, -1)})`);
global.setTimeout = (f) => f();

function type(script) {
  for (const line of script.replace(/^\x03/, "").split("\n").filter((one) => one)) {
    if (!line.startsWith("\x10")) throw new Error("this line would be echoed: " + line);
    (0, eval)(line.slice(1));
  }
}

type(asked.typed[0]);
for (const event of asked.events) {
  if (event.set_clock_s) {
    clock_s = event.set_clock_s;
    continue;
  }
  Bangle.emit(event);
  Puck.emit(event);
  clock_s += 0.04;
}
asked.typed.slice(1).forEach(type);
for (const event of asked.events.filter((one) => !one.set_clock_s)) {
  Bangle.emit(event);
  Puck.emit(event);
}
process.stdout.write(JSON.stringify({ printed, called, left: Object.keys(global).filter((k) => k === "repsense") }));
