// Makes a Bangle.js 2 a RepSense band. Specification: firmware_notes/repsense_band.md
(function () {
  "use strict";

  const uuid = (n) => "08f4000" + n + "-aef0-46ec-8257-c6d13ccf0ec3";
  const SERVICE = uuid(1), INFO = uuid(2), SAMPLES = uuid(3), CONTROL = uuid(4), FEEDBACK = uuid(5);
  const HEAD = 8, PAYLOAD = 20; // what an MTU of 23 leaves; Espruino does not tell of a larger one
  const SCALE = 1, COUNTS_PER_G = 8192; // the firmware runs the chip at +-4 g
  const LIGHT_AND_MOTOR = 6;
  const LONGEST_STEP_S = 1; // the watch was set when its clock leaps farther

  // Rate in 1/100 Hz, the chip's code for it (register ODCNTL of KX023), interval of reading in ms.
  const RATES = [[1250, 0, 80], [2500, 1, 40], [5000, 2, 20], [10000, 3, 10]];

  let rate = RATES[2];
  let streaming = false;
  let sequence = 0; // number of the packet's first sample
  let count = 0; // samples in the packet
  let sent = 0, failed = 0;
  let clockS = getTime(), elapsedUs = 0;
  let feeling = 0; // counts wishes, so that a new one ends the one before

  const packet = new DataView(new ArrayBuffer(PAYLOAD));

  const held = (value) => Math.max(-32768, Math.min(32767, Math.round(value)));
  const u16 = (value) => [value & 255, (value >> 8) & 255];
  const info = () => [1, 0].concat(u16(LIGHT_AND_MOTOR), u16(rate[0]), u16(RATES[RATES.length - 1][0]));

  function update(service, characteristic, value, notify) {
    const values = {}, what = {};
    values[characteristic] = { value: value, notify: notify };
    what[service] = values;
    NRF.updateServices(what);
  }

  // A clock of our own: getTime() leaps when a phone sets the watch.
  function tick() {
    const now = getTime(), step = now - clockS;
    clockS = now;
    elapsedUs += step > 0 && step < LONGEST_STEP_S ? step * 1e6 : 1e8 / rate[0];
    elapsedUs %= 4294967296;
  }

  function onAccel(a) {
    tick();
    const at = HEAD + 6 * count;
    packet.setInt16(at, held(a.x * COUNTS_PER_G), true);
    packet.setInt16(at + 2, held(a.y * COUNTS_PER_G), true);
    packet.setInt16(at + 4, held(a.z * COUNTS_PER_G), true);
    count++;
    if (at + 12 > PAYLOAD) send();
  }

  function send() {
    packet.setUint8(0, (1 << 4) | SCALE);
    packet.setUint8(1, count);
    packet.setUint16(2, sequence, true);
    const us = Math.floor(elapsedUs); // in halves: Espruino's integers end at 2^31
    packet.setUint16(4, us % 65536, true);
    packet.setUint16(6, Math.floor(us / 65536), true);
    sequence = (sequence + count) & 65535;
    count = 0;
    try {
      update(SERVICE, SAMPLES, packet.buffer, true);
      sent++;
    } catch (error) {
      failed++; // no room in the radio's queue; the host sees it by the number
    }
  }

  // The chip takes a new rate only while it is stopped. Its range stays as the firmware has set it.
  function setChip(code, pollMs) {
    Bangle.accelWr(0x18, 0x6c);
    Bangle.accelWr(0x1b, code);
    Bangle.accelWr(0x18, 0xec);
    Bangle.setPollInterval(pollMs);
  }

  function setRate(wanted) {
    if (wanted) {
      const distance = (one) => Math.abs(one[0] - wanted);
      rate = RATES.reduce((best, one) => (distance(one) < distance(best) ? one : best));
    }
    if (streaming) setChip(rate[1], rate[2]);
    update(SERVICE, INFO, info(), false);
  }

  function start(wanted) {
    stop();
    streaming = true;
    sequence = count = 0;
    setRate(wanted);
    Bangle.on("accel", onAccel);
    draw();
  }

  function stop() {
    if (!streaming) return;
    streaming = false;
    Bangle.removeListener("accel", onAccel);
    setChip(0, 80);
    Bangle.setOptions({ powerSave: true });
    draw();
  }

  function onControl(event) {
    const bytes = new Uint8Array(event.data);
    const wanted = bytes.length >= 3 ? bytes[1] + 256 * bytes[2] : 0;
    if (bytes[0] === 1) start(wanted);
    else if (bytes[0] === 2) stop();
    else if (bytes[0] === 3 && bytes.length >= 3) setRate(wanted);
  }

  function onFeedback(event) {
    const bytes = new Uint8Array(event.data);
    if (bytes.length < 4) return;
    const mine = ++feeling;
    const once = (left) => {
      if (!left || mine !== feeling) return;
      if (bytes[0] & 1) Bangle.setLCDPower(1);
      if (bytes[0] & 2) Bangle.buzz(10 * bytes[1]);
      setTimeout(() => once(left - 1), 10 * (bytes[1] + bytes[2]));
    };
    once(bytes[3]);
  }

  function draw() {
    const middle = g.getWidth() / 2;
    g.reset().clearRect(Bangle.appRect);
    g.setFontAlign(0, 0).setFont("Vector", 26).drawString("RepSense", middle, 60);
    g.setFont("Vector", 18).drawString(streaming ? rate[0] / 100 + " Hz" : "ready", middle, 95);
    g.drawString(failed ? failed + " packets lost" : sent + " packets", middle, 125);
  }

  const services = {}, own = {}, battery = {};
  own[INFO] = { value: info(), maxLen: 8, readable: true };
  own[SAMPLES] = { value: new Uint8Array(PAYLOAD).buffer, maxLen: PAYLOAD, notify: true };
  own[CONTROL] = { value: [0], maxLen: 20, writable: true, onWrite: onControl };
  own[FEEDBACK] = { value: [0], maxLen: 20, writable: true, onWrite: onFeedback };
  services[SERVICE] = own;
  battery[0x2a19] = { value: [E.getBattery()], maxLen: 1, readable: true, notify: true };
  services[0x180f] = battery;
  NRF.setServices(services, { advertise: [SERVICE], uart: true });
  NRF.on("disconnect", stop);
  setInterval(() => {
    update(0x180f, 0x2a19, [E.getBattery()], true);
    draw();
  }, 60000);

  Bangle.loadWidgets();
  Bangle.setUI({ mode: "custom", btn: () => load() }); // leaving ends the service
  g.clear();
  draw();
  Bangle.drawWidgets();
})();
