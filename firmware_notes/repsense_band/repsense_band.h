/*
 * The packets of the RepSense band in portable C99.
 *
 * Specification: ../repsense_band.md. No allocation, no floating point in the
 * packet path, no assumption about byte order or struct layout. Made to be
 * copied into firmware as it is; see xiao_nrf52840/ for a band that uses it.
 *
 *     rsb_packet packet;
 *     rsb_begin(&packet, payload_bytes, RSB_SCALE_8G, false, sequence);
 *     while (rsb_add(&packet, accel, NULL)) ...          // until it is full
 *     notify(packet.bytes, rsb_finish(&packet, time_of_last_sample_us));
 *     sequence += packet.count;
 */
#ifndef REPSENSE_BAND_H
#define REPSENSE_BAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RSB_SERVICE_UUID "08f40001-aef0-46ec-8257-c6d13ccf0ec3"
#define RSB_INFO_UUID "08f40002-aef0-46ec-8257-c6d13ccf0ec3"
#define RSB_SAMPLES_UUID "08f40003-aef0-46ec-8257-c6d13ccf0ec3"
#define RSB_CONTROL_UUID "08f40004-aef0-46ec-8257-c6d13ccf0ec3"
#define RSB_FEEDBACK_UUID "08f40005-aef0-46ec-8257-c6d13ccf0ec3"

#define RSB_MAJOR 1
#define RSB_MINOR 0
#define RSB_LAYOUT 1
#define RSB_HEAD_BYTES 8
#define RSB_INFO_BYTES 8
#define RSB_SMALLEST_PAYLOAD 20 /* an MTU of 23 */
#define RSB_LARGEST_PAYLOAD 244 /* an MTU of 247, one packet on the air */

/* Scale s has 16384 >> s counts to 1 g. */
#define RSB_SCALE_2G 0
#define RSB_SCALE_4G 1
#define RSB_SCALE_8G 2
#define RSB_SCALE_16G 3

#define RSB_FEATURE_GYRO 0x0001u
#define RSB_FEATURE_LIGHT 0x0002u
#define RSB_FEATURE_MOTOR 0x0004u

typedef struct {
    uint8_t bytes[RSB_LARGEST_PAYLOAD];
    size_t length;   /* bytes in use */
    size_t capacity; /* bytes that may be used */
    uint8_t count;   /* samples in it */
    bool gyro;
} rsb_packet;

/* Begin a packet for a payload of so many bytes (MTU less 3); `sequence` is the number of its first sample. */
bool rsb_begin(rsb_packet *packet, size_t payload_bytes, uint8_t scale, bool gyro, uint16_t sequence);

/* Add a sample; `gyro` may be NULL in a packet without. Returns whether there is room for one more. */
bool rsb_add(rsb_packet *packet, const int16_t accel[3], const int16_t gyro[3]);

/* Stamp the packet with the time of its last sample; returns the length to send, 0 if it is empty. */
size_t rsb_finish(rsb_packet *packet, uint32_t last_us);

/* Turn milli-g into counts of a scale, and milli-degrees/s into 1/16 degrees/s; ends of the range hold. */
int16_t rsb_accel_counts(int32_t milli_g, uint8_t scale);
int16_t rsb_gyro_counts(int32_t milli_dps);

/* Write the value of the info characteristic; rates in 1/100 Hz. */
void rsb_info(uint8_t out[RSB_INFO_BYTES], uint16_t features, uint16_t rate_chz, uint16_t highest_chz);

typedef enum { RSB_START = 1, RSB_STOP = 2, RSB_RATE = 3 } rsb_command;

typedef struct {
    rsb_command command;
    uint16_t rate_chz; /* 1/100 Hz; 0 leaves the choice to the band */
    bool gyro;
} rsb_control;

typedef struct {
    bool light;
    bool motor;
    uint16_t on_ms;
    uint16_t off_ms;
    uint8_t times;
} rsb_feedback;

/* Read what was written to the band; false when it is none that is known, and then nothing is to be done. */
bool rsb_read_control(const uint8_t *bytes, size_t length, rsb_control *out);
bool rsb_read_feedback(const uint8_t *bytes, size_t length, rsb_feedback *out);

#ifdef __cplusplus
}
#endif
#endif
