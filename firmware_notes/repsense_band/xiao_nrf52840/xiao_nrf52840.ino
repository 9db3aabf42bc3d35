/*
 * Makes a Seeed XIAO nRF52840 Sense a RepSense band. Specification: ../../repsense_band.md
 *
 * Every sample raises an interrupt, which numbers and stamps it. So a sample that the loop was too
 * late for is missed in the numbers too, and RepSense knows of it.
 */
#include <Arduino.h>
#include <ArduinoBLE.h>
#include <LSM6DS3.h>

#include "repsense_band.h"

/* Registers of the LSM6DS3TR-C. */
static const uint8_t DRDY_PULSE_CFG = 0x0B; /* bit 7: a pulse for each sample, read or not */
static const uint8_t INT1_CTRL = 0x0D;      /* bit 0: acceleration on INT1 */
static const uint8_t CTRL1_XL = 0x10;
static const uint8_t CTRL2_G = 0x11;
static const uint8_t OUTX_L_G = 0x22; /* angular rate, then acceleration: 12 bytes */
static const uint8_t RANGE_8G = 0x0C;
static const uint8_t RANGE_2000_DPS = 0x0C;
static const int32_t MILLI_DPS_PER_COUNT = 70;

/* The chip's codes of its rates, and the rates in 1/100 Hz. */
static const struct {
    uint8_t code;
    uint16_t rate_chz;
} RATES[] = {{1, 1250}, {2, 2600}, {3, 5200}, {4, 10400}, {5, 20800}};
static const size_t RATE_COUNT = sizeof RATES / sizeof RATES[0];

static LSM6DS3 imu(I2C_MODE, 0x6A);

static BLEService service(RSB_SERVICE_UUID);
static BLECharacteristic info(RSB_INFO_UUID, BLERead, RSB_INFO_BYTES, true);
static BLECharacteristic samples(RSB_SAMPLES_UUID, BLENotify, RSB_SMALLEST_PAYLOAD);
static BLECharacteristic control(RSB_CONTROL_UUID, BLEWrite, RSB_SMALLEST_PAYLOAD);
static BLECharacteristic feedback(RSB_FEEDBACK_UUID, BLEWrite | BLEWriteWithoutResponse, RSB_SMALLEST_PAYLOAD);

static volatile uint32_t taken = 0;    /* samples the chip has taken since the start */
static volatile uint32_t taken_us = 0; /* when it took the last */

static bool streaming = false;
static bool with_gyro = false;
static size_t rate_at = 2;
static uint32_t sent = 0; /* samples that are in packets, or were missed */
static uint32_t last_us = 0;
static rsb_packet packet;

static rsb_feedback wish;
static uint32_t wish_changes_ms = 0;
static bool lit = false;

static void on_sample() {
    taken_us = micros();
    taken++;
}

static void set_chip() {
    const uint8_t rate = (uint8_t)(RATES[rate_at].code << 4);
    imu.writeRegister(CTRL1_XL, streaming ? (uint8_t)(rate | RANGE_8G) : 0);
    imu.writeRegister(CTRL2_G, streaming && with_gyro ? (uint8_t)(rate | RANGE_2000_DPS) : 0);
}

static void tell_info() {
    uint8_t value[RSB_INFO_BYTES];
    rsb_info(value, RSB_FEATURE_GYRO | RSB_FEATURE_LIGHT, RATES[rate_at].rate_chz, RATES[RATE_COUNT - 1].rate_chz);
    info.writeValue(value, sizeof value);
}

static void set_rate(uint16_t rate_chz) {
    if (rate_chz != 0) {
        for (size_t i = 0; i < RATE_COUNT; i++) {
            const long here = labs((long)RATES[i].rate_chz - rate_chz);
            const long best = labs((long)RATES[rate_at].rate_chz - rate_chz);
            rate_at = here < best ? i : rate_at;
        }
    }
    set_chip();
    tell_info();
}

static void begin_packet() {
    rsb_begin(&packet, RSB_SMALLEST_PAYLOAD, RSB_SCALE_8G, with_gyro, (uint16_t)sent);
}

static void send_packet() {
    const size_t length = rsb_finish(&packet, last_us);
    if (length != 0) {
        samples.writeValue(packet.bytes, (int)length);
    }
    begin_packet();
}

static void stop() {
    streaming = false;
    set_chip();
}

static void start(const rsb_control &wanted) {
    stop();
    with_gyro = wanted.gyro;
    noInterrupts();
    taken = 0;
    interrupts();
    sent = 0;
    begin_packet();
    streaming = true;
    set_rate(wanted.rate_chz);
}

static void on_control(BLEDevice, BLECharacteristic characteristic) {
    rsb_control wanted;
    if (!rsb_read_control(characteristic.value(), (size_t)characteristic.valueLength(), &wanted)) {
        return;
    }
    switch (wanted.command) {
    case RSB_START:
        start(wanted);
        break;
    case RSB_STOP:
        stop();
        break;
    case RSB_RATE:
        set_rate(wanted.rate_chz);
        break;
    }
}

static void on_feedback(BLEDevice, BLECharacteristic characteristic) {
    if (rsb_read_feedback(characteristic.value(), (size_t)characteristic.valueLength(), &wish)) {
        lit = false;
        wish_changes_ms = millis();
    }
}

static void on_disconnected(BLEDevice) {
    stop();
}

/* Switch the light when it is time; LOW lights it. */
static void feel() {
    if ((wish.times == 0 && !lit) || (int32_t)(millis() - wish_changes_ms) < 0) {
        return;
    }
    lit = !lit;
    wish_changes_ms += lit ? wish.on_ms : wish.off_ms;
    wish.times = (uint8_t)(wish.times - (lit ? 1 : 0));
    digitalWrite(LED_BLUE, lit && wish.light ? LOW : HIGH);
}

static int16_t number(const uint8_t *at) {
    return (int16_t)(at[0] | at[1] << 8);
}

static void take_sample() {
    noInterrupts();
    const uint32_t newest = taken;
    const uint32_t newest_us = taken_us;
    interrupts();
    if (newest == sent) {
        return;
    }
    if (newest - sent > 1) { /* too late for those in between: their numbers stay unused */
        send_packet();
        sent = newest - 1;
        begin_packet();
    }
    uint8_t bytes[12];
    imu.readRegisterRegion(bytes, OUTX_L_G, sizeof bytes);
    int16_t accel[3];
    int16_t gyro[3];
    for (int axis = 0; axis < 3; axis++) {
        gyro[axis] = rsb_gyro_counts(number(bytes + 2 * axis) * MILLI_DPS_PER_COUNT);
        accel[axis] = number(bytes + 6 + 2 * axis); /* 0.244 milli-g, as one of 4096 counts to 1 g */
    }
    last_us = newest_us;
    sent = newest;
    if (!rsb_add(&packet, accel, gyro)) {
        send_packet();
    }
}

void setup() {
    pinMode(LED_BLUE, OUTPUT);
    digitalWrite(LED_BLUE, HIGH);
    if (imu.begin() != 0 || !BLE.begin()) {
        digitalWrite(LED_RED, LOW); /* there is nothing to be done without either */
        while (true) {
            delay(1000);
        }
    }
    imu.writeRegister(DRDY_PULSE_CFG, 0x80);
    imu.writeRegister(INT1_CTRL, 0x01);
    stop();
    pinMode(PIN_LSM6DS3TR_C_INT1, INPUT);
    attachInterrupt(digitalPinToInterrupt(PIN_LSM6DS3TR_C_INT1), on_sample, RISING);

    service.addCharacteristic(info);
    service.addCharacteristic(samples);
    service.addCharacteristic(control);
    service.addCharacteristic(feedback);
    control.setEventHandler(BLEWritten, on_control);
    feedback.setEventHandler(BLEWritten, on_feedback);
    BLE.setEventHandler(BLEDisconnected, on_disconnected);
    BLE.addService(service);
    tell_info();
    BLE.setLocalName("RepSense");
    BLE.setAdvertisedService(service);
    BLE.setConnectionInterval(6, 24); /* 7.5 to 30 ms: 26 packets a second at least */
    BLE.advertise();
}

void loop() {
    BLE.poll();
    if (streaming) {
        take_sample();
    }
    feel();
}
