/* See repsense_band.h; the layout is specified in ../repsense_band.md. */
#include "repsense_band.h"

#define GYRO_FLAG 0x08u
#define LAST_SCALE 7u
#define TIME_AT 4

static void put16(uint8_t *at, uint16_t value) {
    at[0] = (uint8_t)(value & 0xFFu);
    at[1] = (uint8_t)(value >> 8);
}

static void put32(uint8_t *at, uint32_t value) {
    put16(at, (uint16_t)(value & 0xFFFFu));
    put16(at + 2, (uint16_t)(value >> 16));
}

static uint16_t get16(const uint8_t *at) {
    return (uint16_t)(at[0] | (uint16_t)(at[1] << 8));
}

static size_t sample_bytes(const rsb_packet *packet) {
    return packet->gyro ? 12u : 6u;
}

bool rsb_begin(rsb_packet *packet, size_t payload_bytes, uint8_t scale, bool gyro, uint16_t sequence) {
    if (payload_bytes < RSB_SMALLEST_PAYLOAD || scale > LAST_SCALE) {
        return false;
    }
    packet->capacity = payload_bytes < RSB_LARGEST_PAYLOAD ? payload_bytes : RSB_LARGEST_PAYLOAD;
    packet->length = RSB_HEAD_BYTES;
    packet->count = 0;
    packet->gyro = gyro;
    packet->bytes[0] = (uint8_t)(RSB_LAYOUT << 4 | scale | (gyro ? GYRO_FLAG : 0u));
    packet->bytes[1] = 0;
    put16(packet->bytes + 2, sequence);
    put32(packet->bytes + TIME_AT, 0);
    return true;
}

bool rsb_add(rsb_packet *packet, const int16_t accel[3], const int16_t gyro[3]) {
    const size_t size = sample_bytes(packet);
    if (packet->length + size <= packet->capacity) {
        for (size_t axis = 0; axis < 3; axis++) {
            /* The conversion to unsigned is defined for negative numbers, modulo 65536. */
            put16(packet->bytes + packet->length + 2 * axis, (uint16_t)accel[axis]);
            if (packet->gyro) {
                const int16_t rate = gyro != NULL ? gyro[axis] : 0;
                put16(packet->bytes + packet->length + 6 + 2 * axis, (uint16_t)rate);
            }
        }
        packet->length += size;
        packet->count++;
    }
    return packet->length + size <= packet->capacity;
}

size_t rsb_finish(rsb_packet *packet, uint32_t last_us) {
    if (packet->count == 0) {
        return 0;
    }
    packet->bytes[1] = packet->count;
    put32(packet->bytes + TIME_AT, last_us);
    return packet->length;
}

static int16_t held(int64_t value) {
    if (value > INT16_MAX) {
        return INT16_MAX;
    }
    return value < INT16_MIN ? INT16_MIN : (int16_t)value;
}

/* Divide and round to the nearest, halves away from zero. */
static int64_t rounded(int64_t value, int64_t divisor) {
    return (value >= 0 ? value + divisor / 2 : value - divisor / 2) / divisor;
}

int16_t rsb_accel_counts(int32_t milli_g, uint8_t scale) {
    return held(rounded((int64_t)milli_g * (16384 >> scale), 1000));
}

int16_t rsb_gyro_counts(int32_t milli_dps) {
    return held(rounded((int64_t)milli_dps * 16, 1000));
}

void rsb_info(uint8_t out[RSB_INFO_BYTES], uint16_t features, uint16_t rate_chz, uint16_t highest_chz) {
    out[0] = RSB_MAJOR;
    out[1] = RSB_MINOR;
    put16(out + 2, features);
    put16(out + 4, rate_chz);
    put16(out + 6, highest_chz);
}

bool rsb_read_control(const uint8_t *bytes, size_t length, rsb_control *out) {
    if (length < 1) {
        return false;
    }
    out->rate_chz = 0;
    out->gyro = false;
    switch (bytes[0]) {
    case RSB_START:
        out->command = RSB_START;
        out->rate_chz = length >= 3 ? get16(bytes + 1) : 0;
        out->gyro = length >= 4 && (bytes[3] & 1u) != 0;
        return true;
    case RSB_STOP:
        out->command = RSB_STOP;
        return true;
    case RSB_RATE:
        out->command = RSB_RATE;
        out->rate_chz = length >= 3 ? get16(bytes + 1) : 0;
        return length >= 3;
    default:
        return false;
    }
}

bool rsb_read_feedback(const uint8_t *bytes, size_t length, rsb_feedback *out) {
    if (length < 4) {
        return false;
    }
    out->light = (bytes[0] & 1u) != 0;
    out->motor = (bytes[0] & 2u) != 0;
    out->on_ms = (uint16_t)(bytes[1] * 10u);
    out->off_ms = (uint16_t)(bytes[2] * 10u);
    out->times = bytes[3];
    return true;
}
